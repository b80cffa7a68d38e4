#!/usr/bin/env node
// Runs `pnpm <arguments>` with the Node and the pnpm that this repository needs. What the machine has is used as it is;
// what is missing or too old is installed by npm into `.cache`, at an exact version. This file itself runs on any Node
// from 18 on, so: no dependencies, no TypeScript.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const { engines, packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const windows = process.platform === 'win32'

const missing = [
  ...(atLeast(process.version, engines.node)
    ? []
    : [`node@${readFileSync(join(root, '.node-version'), 'utf8').trim()}`]),
  ...(pnpmIsThere() ? [] : [packageManager]),
]
const PATH = missing.length === 0 ? process.env.PATH : brought(missing) + delimiter + process.env.PATH
follow(
  spawn('pnpm', process.argv.slice(2), { cwd: root, stdio: 'inherit', shell: windows, env: { ...process.env, PATH } }),
)

/** The folder of commands of these packages; installs them when they are not there. */
function brought(names) {
  const cache = join(root, '.cache')
  const folder = join(cache, `toolchain-${names.join('-').replace(/[^\w.-]/g, '-')}`)
  const commands = join(folder, 'node_modules/.bin')
  if (!existsSync(folder)) install(names, cache, folder)
  return commands
}

/** The folder gets its name when all is in it: an install that is cut off leaves only a folder that nobody looks at. */
function install(names, cache, folder) {
  mkdirSync(cache, { recursive: true })
  for (const left of readdirSync(cache).filter(isAbandoned)) remove(join(cache, left))
  const partial = join(cache, `installing-${process.pid}`)
  mkdirSync(partial)
  writeFileSync(join(partial, 'package.json'), '{ "private": true }')

  console.error(`Fetching ${names.join(' and ')} for this repository; this happens once.`)
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-package-lock', '--loglevel=error']
  const { status } = spawnSync('npm', ['install', ...quiet, ...names], {
    cwd: partial,
    stdio: 'inherit',
    shell: windows,
  })
  if (status !== 0) fail(`npm could not install ${names.join(' and ')}: see above. Running the command again is safe.`)
  if (names.some((name) => name.startsWith('node@')) && !runs(join(partial, 'node_modules/.bin/node')))
    fail(
      `This repository needs Node ${engines.node}, this is ${process.version}, and the one from npm was not set up: that takes\n` +
        `an install script, and npm is told to run none (ignore-scripts). Either allow it for this once, by writing\n` +
        `npm_config_ignore_scripts=false before the command, or install Node ${engines.node}.`,
    )
  try {
    renameSync(partial, folder)
  } catch (error) {
    // Another process was faster; its folder is as good.
    if (!existsSync(folder)) throw error
  }
}

/** Whether a folder was begun by a process that is no longer there. */
function isAbandoned(name) {
  const [, pid] = /^installing-(\d+)$/.exec(name) ?? []
  if (pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch {
    return true
  }
}

/** Removes a folder, if it can: an install that was interrupted a moment ago may still be writing. The next run tries again. */
function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {}
}

function runs(node) {
  const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8', shell: windows })
  return status === 0 && atLeast(stdout, engines.node)
}

/** Any version of the right major will do; a corepack that would have to fetch one does not count. */
function pnpmIsThere() {
  const env = { ...process.env, COREPACK_ENABLE_NETWORK: '0', pnpm_config_pm_on_fail: 'ignore' }
  const { status, stdout } = spawnSync('pnpm', ['--version'], { cwd: root, encoding: 'utf8', shell: windows, env })
  return status === 0 && numbers(stdout)[0] === numbers(packageManager)[0]
}

function atLeast(version, wanted) {
  const [a, b] = [numbers(version), numbers(wanted)]
  return a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1])
}

function numbers(version) {
  return version.replace(/^\D*/, '').split('.').map(Number)
}

/** Ends as the child ends. A terminal interrupts both; a signal that was sent to this process alone is passed on. */
function follow(child) {
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => fail(error.message))
  child.once('close', (status) => process.exit(status ?? 1))
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
