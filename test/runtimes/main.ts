// What `npm run test:runtimes` runs: the packages, installed as a user gets them, in runtimes, bundlers and compilers that are
// fetched into a workspace of their own. Arguments choose by the beginning of a name: `npm run test:runtimes -- Bun vite compilers stories`.
// What comes of it goes into docs/runtimes.md; the exit code is 1 when something fails.
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'

import { browsers } from '../browsers/start.ts'
import { startOidcProvider } from '../servers/index.ts'
import { bundled, bundlers } from './bundlers.ts'
import { compiled } from './compilers.ts'
import { jested } from './jest.ts'
import { save } from './page.ts'
import type { Ran } from './page.ts'
import { runtimes } from './runtimes.ts'
import type { Runtime } from './runtimes.ts'
import { startServers } from './start-servers.ts'
import { otherStories } from './stories.ts'

const here = import.meta.dirname
const root = join(here, '../..')
const project = join(root, '.cache/runtimes/project')
const chosen = process.argv.slice(2)
const isChosen = (name: string): boolean => chosen.length === 0 || chosen.some((word) => name.startsWith(word))

succeed('pnpm', ['install', '--frozen-lockfile', '--silent'], here)
succeed('node', [join(root, 'packages/tools/machine/install-packed.mjs'), project], root)
cpSync(join(here, 'behaviour'), join(project, 'behaviour'), { recursive: true })

for (const runtime of runtimes) if (isChosen(runtime.name)) await save({ runtimes: [await ran(runtime)] })
if (bundlers.some(isChosen)) await bundleAll()
if (isChosen('compilers')) await save({ compilers: await compiled(project) })
if (isChosen('jest')) await runJest()
if (isChosen('stories')) say('200 stories of the simulation, in each release of Node', await otherStories())
process.exit()

async function ran(runtime: Runtime): Promise<Ran> {
  await using started = await startServers()
  const it: Ran = { name: runtime.name, version: await runtime.version(), outcomes: [] }
  try {
    it.outcomes.push(...(await runtime.outcomes(project, started.servers)))
  } catch (error) {
    it.outcomes.push({ name: 'it runs, and ends by itself', failed: String(error) })
  }
  const failed = it.outcomes.filter((outcome) => outcome.failed !== undefined)
  say(
    `${it.name} ${it.version}: ${it.outcomes.length} cases`,
    failed.map(({ name, failed: why }) => `${name}: ${why}`),
  )
  return it
}

async function bundleAll(): Promise<void> {
  const chromium = browsers.find(({ name }) => name === 'Chromium')
  if (chromium === undefined) throw new Error('This needs Chromium')
  const browser = await chromium.start()
  const server = await startOidcProvider({ open: true })
  for (const name of bundlers.filter(isChosen)) {
    const result = await bundled(name, project, { browser, server: server.issuer })
    say(
      `${name} ${result.version}${result.warnings.map((line) => `\n  ! ${line}`).join('')}`,
      [result.failed ?? []].flat(),
    )
    await save({ bundlers: [result] })
  }
  await Promise.all([browser.close(), server.close()])
}

async function runJest(): Promise<void> {
  const jest = await jested(project)
  say(
    'Jest',
    jest.flatMap(({ verdicts }) => Object.values(verdicts)).filter((verdict) => verdict.startsWith('✗')),
  )
  await save({ jest })
}

/** Says how it went. */
function say(what: string, failed: readonly string[]): void {
  console.log(`${failed.length === 0 ? '✓' : '✗'} ${what}${failed.map((line) => `\n  ✗ ${line}`).join('')}`)
  if (failed.length > 0) process.exitCode = 1
}

/** Runs a command, and ends with it where it fails. */
function succeed(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) process.exit(1)
}
