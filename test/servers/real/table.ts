import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Row } from './walk.ts'

/** What came of one server, or why it was left out. */
export type Result = { name: string; title: string; version: string; source: string; date: string } & (
  | { row: Row }
  | { leftOut: string }
)

const folder = join(import.meta.dirname, '../../../docs/servers')
const file = join(folder, 'results.json')

/** What the docs hold so far. */
async function results(): Promise<Result[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return []
  }
}

/** Puts a result in the place of the last one of this server; `pages.ts` makes the pages of it. */
export async function save(result: Result): Promise<void> {
  const others = (await results()).filter(({ name }) => name !== result.name)
  await mkdir(folder, { recursive: true })
  const all = [...others, result].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  await writeFile(file, `${JSON.stringify(all, undefined, 2)}\n`)
}
