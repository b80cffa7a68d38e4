// Chromium from npm, for machines that have none: fetched once, when tests first need it, into .cache.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { root } from '../build/entry-points.mjs'

const version = '153.0.0'
const folder = join(root, '.cache', `chromium-${version}`)
const program = join(folder, 'unpacked/chromium')

/** The path of a Chromium that runs here, or `undefined` where npm has none for this machine. */
export function chromiumFromNpm() {
  if (existsSync(program)) return program
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  // What was cut off is started over: only a whole folder gets its name.
  const half = `${folder}.half`
  rmSync(half, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(half, 'unpacked'), { recursive: true })
  writeFileSync(join(half, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  console.log('chromium: there is none on this machine, fetching it from npm')
  const run = (command, args, env = {}) =>
    spawnSync(command, args, { cwd: half, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } })
      .status === 0
  const unpack = "await (await import('@sparticuz/chromium')).default.executablePath()"
  const done =
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `@sparticuz/chromium@${version}`]) &&
    run(process.execPath, ['--input-type=module', '--eval', unpack], { TMPDIR: join(half, 'unpacked') })
  if (!done || !existsSync(join(half, 'unpacked/chromium'))) return undefined
  renameSync(half, folder)
  return program
}
