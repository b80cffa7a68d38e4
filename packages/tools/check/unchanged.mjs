// A slow step that has passed is not repeated for as long as nothing that it rests on changes.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { root } from '../build/entry-points.mjs'

/** Runs the task unless it has passed with these very files; it has passed when it returns without an exit code. */
export async function unlessUnchanged(name, files, task) {
  const folder = join(root, '.cache/passed')
  const note = join(folder, name)
  const state = () => {
    const hash = createHash('sha256').update(process.version)
    for (const file of files()) hash.update(`${file}\0`).update(readFileSync(file)).update('\0')
    return hash.digest('hex')
  }
  if (existsSync(note) && readFileSync(note, 'utf8') === state()) return
  rmSync(note, { force: true })
  await task()
  if (process.exitCode) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(note, state())
}
