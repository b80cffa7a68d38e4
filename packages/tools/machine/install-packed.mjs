#!/usr/bin/env node
// `npm run packed -- FOLDER`: packs the three packages and installs them in a folder with npm, as a user gets them.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import '../build/build.mjs'
import { packages } from '../build/entry-points.mjs'

const given = process.argv[2]
if (given === undefined) {
  console.error('Where to? npm run packed -- FOLDER')
  process.exit(2)
}
const folder = resolve(process.env.INIT_CWD ?? '.', given)
mkdirSync(folder, { recursive: true })
const manifest = join(folder, 'package.json')
if (!existsSync(manifest)) {
  if (readdirSync(folder).length > 0) {
    console.error(`${folder} is neither empty nor a package: another folder, please.`)
    process.exit(2)
  }
  writeFileSync(manifest, `${JSON.stringify({ private: true, type: 'module' })}\n`)
}

const tarballs = packages.map(({ short, manifest: { version } }) => join(folder, `registrant-${short}-${version}.tgz`))
await Promise.all(packages.map((it) => run('pnpm', ['pack', '--pack-destination', folder], it.folder)))
// What is there already has the same version, so npm would leave it as it is.
for (const left of ['node_modules/@registrant', 'node_modules/.package-lock.json'])
  rmSync(join(folder, left), { recursive: true, force: true })
const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error']
await run('npm', ['install', ...quiet, ...tarballs], folder)
console.log(`${packages.map(({ name }) => name).join(', ')} are installed in ${folder}`)

/** Ends this program with what the command printed when it fails. */
function run(command, args, cwd) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('close', (status, signal) => {
      if (status === 0) return done()
      console.error(`${output.trimEnd()}\n${[command, ...args].join(' ')}: ${signal ?? `exit code ${status}`}`)
      process.exit(1)
    })
  })
}
