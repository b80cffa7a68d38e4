import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Outcome } from './behaviour/case.ts'
import { clientCases } from './behaviour/client.ts'
import { fileCases } from './behaviour/files.ts'
import { managerCases } from './behaviour/manager.ts'
import { roomCases } from './behaviour/rooms.ts'

/** What came of one runtime, and when. */
export interface Cell {
  name: string
  version: string
  outcomes: Outcome[]
}
type Saved = Cell & { date: string }

const docs = join(import.meta.dirname, '../../docs')
const page = join(docs, 'runtimes.md')
const file = join(docs, 'runtimes/results.json')
const [begin, end] = ['<!-- results -->', '<!-- /results -->']

/** What the docs hold so far. */
async function results(): Promise<Saved[]> {
  return JSON.parse(await readFile(file, 'utf8').catch(() => '[]'))
}

/** Puts a result in the place of the last one of this runtime, and makes the table anew. */
export async function save(cell: Cell): Promise<void> {
  const date = new Date().toISOString().slice(0, 10)
  const others = (await results()).filter(({ name }) => name !== cell.name)
  const all = [...others, { ...cell, date }].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  await writeFile(file, `${JSON.stringify(all, undefined, 2)}\n`)
  await writeFile(page, withTable(await readFile(page, 'utf8'), all))
}

/** The page, and what it would be if it were made now of what is saved. */
export async function pageNow(): Promise<{ is: string; wouldBe: string }> {
  const is = await readFile(page, 'utf8')
  return { is, wouldBe: withTable(is, await results()) }
}

const cases = [...clientCases, ...managerCases, ...roomCases, ...fileCases]

function withTable(text: string, all: readonly Saved[]): string {
  const [before = '', rest = ''] = text.split(begin)
  const [, after = ''] = rest.split(end)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const seen = (cell: Saved, name: string): string => {
    const outcome = cell.outcomes.find((it) => it.name === name)
    if (outcome === undefined) return 'no files'
    return outcome.failed === undefined ? '✓' : '✗'
  }
  const table = [
    line(['', ...all.map(({ name, version }) => `${name}: ${version}`)]),
    line(['---', ...all.map(() => ':-:')]),
    ...cases.map(({ name }) => line([name, ...all.map((cell) => seen(cell, name))])),
    line(['Run on', ...all.map(({ date }) => date)]),
  ]
  return `${before}${begin}\n\n${table.join('\n')}\n\n${end}${after}`
}
