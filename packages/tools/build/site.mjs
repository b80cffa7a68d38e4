#!/usr/bin/env node
// The site of docs: fetches what it needs into docs/site alone, writes the reference, builds the pages and serves them.
// `--check` drives them in a browser instead, `--pictures` takes screenshots, `--build` leaves them in docs/site/dist.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { chromiumFromNpm } from '../machine/chromium.mjs'
import { engines } from '../machine/engines-found.mjs'
import './build.mjs'
import { root } from './entry-points.mjs'

const site = join(root, 'docs/site')
const [option = '--serve'] = process.argv.slice(2)
const programs = { '--serve': 'serve.ts', '--check': 'check.ts', '--pictures': 'pictures.ts', '--build': undefined }
if (!Object.hasOwn(programs, option)) {
  console.error(`${option} is not known: ${Object.keys(programs).join(', ')}`)
  process.exit(2)
}

const CHROMIUM = engines.find(({ name }) => name === 'Chromium')?.path
const env = { ...process.env, CHROMIUM: CHROMIUM ?? (/check|pictures/.test(option) ? chromiumFromNpm() : undefined) }
const run = (command, ...args) => {
  const { status } = spawnSync(command, args, { cwd: site, stdio: 'inherit', env, shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
}

run('pnpm', 'install', '--frozen-lockfile', '--silent')
if (option === '--check') run('pnpm', 'exec', 'vue-tsc', '-p', '.')
run('node', 'reference.ts')
rmSync(join(site, 'dist'), { recursive: true, force: true })
run('pnpm', 'exec', 'vitepress', 'build', '.')
const program = programs[option]
if (program !== undefined) run('node', program)
