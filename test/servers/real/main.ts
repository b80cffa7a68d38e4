// What `npm run test:servers` runs: real servers, installed into a cache folder, started on loopback and stopped. Arguments
// choose servers by name; what comes of each goes into the table of docs/servers. The exit code is 1 when a cell is wrong.
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { CannotInstall } from './server.ts'
import type { RealServer } from './server.ts'
import { servers } from './servers.ts'
import { save } from './table.ts'
import type { Result } from './table.ts'
import { steps, walk } from './walk.ts'

const cache = join(import.meta.dirname, '../../../.cache/servers')
const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => servers.every((server) => server.name !== name))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${servers.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

for (const server of servers) {
  if (chosen.length > 0 && !chosen.includes(server.name)) continue
  const started = performance.now()
  const result = await resultOf(server)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${'row' in result ? '' : '– '}${server.title} ${server.version} (${seconds} s)`)
  if ('row' in result) {
    for (const step of steps) {
      const { verdict, seen } = result.row[step]
      if (verdict === 'wrong') process.exitCode = 1
      console.log(`  ${{ right: '✓', own: '·', wrong: '✗', none: ' ' }[verdict]} ${step}: ${seen}`)
    }
  } else console.log(`  left out: ${result.leftOut}`)
  await save(result)
}
process.exit()

/** Installs, starts, walks, stops. */
async function resultOf(server: RealServer): Promise<Result> {
  const { name, title, version, source } = server
  const about = { name, title, version, source, date: new Date().toISOString().slice(0, 10) }
  try {
    const folder = await installed(server)
    const running = await server.start(folder)
    try {
      return { ...about, row: await walk(server, running) }
    } finally {
      await running.stop()
    }
  } catch (error) {
    if (error instanceof CannotInstall) return { ...about, leftOut: error.message }
    throw error
  }
}

/** A folder with this version of the server in it; a half-made one is made anew. */
async function installed(server: RealServer): Promise<string> {
  const folder = join(cache, `${server.folder ?? server.name}-${server.version}`)
  const mark = join(folder, '.installed')
  if (existsSync(mark)) return folder
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  await server.install(folder)
  await writeFile(mark, '')
  return folder
}
