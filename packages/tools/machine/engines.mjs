#!/usr/bin/env node
// Installs the engines that tests use and this machine lacks, as Debian packages them. Only continuous integration calls
// it: `npm test` uses what it finds. It runs before the set-up: on Node 20, without any npm package.
import { spawnSync } from 'node:child_process'

import { engines } from './engines-found.mjs'

const missing = engines.filter(({ path }) => path === undefined).map(({ debian }) => debian)
if (missing.length > 0) install(missing)

function install(names) {
  const administrator = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (!succeeds([...administrator, 'apt-get', '--version'])) {
    console.log(`engines: ${names.join(', ')} not installed: that takes apt-get, and root or sudo`)
    return
  }
  console.log(`engines: installing ${names.join(', ')}`)
  const apt = [...administrator, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq']
  const commands = [
    [...apt, 'update'],
    [...apt, 'install', '--yes', '--no-install-recommends', ...names],
  ]
  // Whatever could not be installed is named by `npm test` at its end.
  if (!commands.every((command) => succeeds(command, true))) console.log('engines: not all could be installed')
}

/** Quiet while all goes well. */
function succeeds([command, ...args], tell = false) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8 })
  if (status !== 0 && tell) console.error(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`)
  return status === 0
}
