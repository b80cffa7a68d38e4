#!/usr/bin/env node
// Runs `pnpm <args>` with the Node and pnpm this repository needs. What the
// machine already has is used as it is; what is missing or too old comes from
// the npm registry through npx, for this command only. Must itself run on any
// Node >= 18, so: no dependencies, no TypeScript.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('..', import.meta.url)
const { engines, packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const fallbackNode = readFileSync(new URL('.node-version', root), 'utf8').trim()
const windows = process.platform === 'win32'
const run = (command, args, options) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: windows, ...options })

const numbers = (version) =>
  version
    .replace(/^[^\d]*/, '')
    .split('.')
    .map(Number)
const atLeast = ([a, b = 0], [c, d = 0]) => a > c || (a === c && b >= d)

const nodeIsFine = atLeast(numbers(process.version), numbers(engines.node))
const found = run('pnpm', ['--version'], {
  stdio: 'pipe',
  encoding: 'utf8',
  env: { ...process.env, pnpm_config_pm_on_fail: 'ignore' },
})
const pnpmIsFine = found.status === 0 && numbers(found.stdout)[0] === numbers(packageManager)[0]

if (!nodeIsFine && process.env.REGISTRANT_TOOLCHAIN === '1') {
  console.error(
    `Node ${engines.node} is needed and this is ${process.version}; npx could not supply it (are install scripts disabled?).`,
  )
  process.exit(1)
}
const missing = [...(nodeIsFine ? [] : [`node@${fallbackNode}`]), ...(pnpmIsFine ? [] : [packageManager])]
const pnpm = process.argv.slice(2)
const result =
  nodeIsFine && pnpmIsFine
    ? run('pnpm', pnpm)
    : run(
        'npx',
        [
          '--yes',
          ...missing.map((name) => `--package=${name}`),
          '--',
          ...(nodeIsFine ? ['pnpm', ...pnpm] : ['node', '.ci/toolchain.mjs', ...pnpm]),
        ],
        { env: { ...process.env, REGISTRANT_TOOLCHAIN: '1' } },
      )
process.exit(result.status ?? 1)
