#!/usr/bin/env node
// Everything that must hold before a change lands. `npm test` runs it; each step prints one line or its own report.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const env = { ...process.env, PATH: join(root, 'node_modules/.bin') + delimiter + process.env.PATH }
const steps = [
  ['build', 'node', ['.ci/build.mjs']],
  ['format', 'oxfmt', ['--check']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['types', 'tsc', ['-p', 'test']],
  ['types', 'tsc', ['-p', 'docs']],
  ['tests', 'pnpm', ['--filter', '@registrant/test', 'exec', 'vitest', 'run']],
]
for (const [name, command, args] of steps) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env })
  if (status !== 0) {
    console.error(`\n${name}: failed (${command} ${args.join(' ')})`)
    process.exit(status ?? 1)
  }
}
