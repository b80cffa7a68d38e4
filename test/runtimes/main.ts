// What `npm run test:runtimes` runs: the packages, installed as a user gets them, in runtimes that are fetched into a workspace
// of their own. Arguments choose by the beginning of a name: `npm run test:runtimes -- Bun workerd`. What comes of it goes into
// docs/runtimes.md; the exit code is 1 when something fails.
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'

import { save } from './page.ts'
import type { Cell } from './page.ts'
import { runtimes } from './runtimes.ts'
import { startServers } from './start-servers.ts'

const here = import.meta.dirname
const root = join(here, '../..')
const project = join(root, '.cache/runtimes/project')
const chosen = process.argv.slice(2)
const isChosen = (name: string): boolean => chosen.length === 0 || chosen.some((word) => name.startsWith(word))

succeed('pnpm', ['install', '--frozen-lockfile', '--silent'], here)
succeed('node', [join(root, 'packages/tools/machine/install-packed.mjs'), project], root)
cpSync(join(here, 'behaviour'), join(project, 'behaviour'), { recursive: true })

for (const runtime of runtimes.filter(({ name }) => isChosen(name))) {
  await using started = await startServers()
  const cell: Cell = { name: runtime.name, version: await runtime.version(), outcomes: [] }
  try {
    cell.outcomes.push(...(await runtime.outcomes(project, started.servers)))
  } catch (error) {
    cell.outcomes.push({ name: 'it runs, and ends by itself', failed: String(error) })
  }
  const failed = cell.outcomes.filter((outcome) => outcome.failed !== undefined)
  console.log(`${failed.length === 0 ? '✓' : '✗'} ${cell.name} ${cell.version}: ${cell.outcomes.length} cases`)
  for (const outcome of failed) console.log(`  ✗ ${outcome.name}: ${outcome.failed}`)
  if (failed.length > 0) process.exitCode = 1
  await save(cell)
}
process.exit()

/** Runs a command, and ends with it where it fails. */
function succeed(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(1)
}
