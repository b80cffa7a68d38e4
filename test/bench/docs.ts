import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { chartOf } from './chart.ts'
import type { Result } from './results.ts'
import { subjects } from './subjects/index.ts'
import { sectionOf } from './tables.ts'

const folder = join(import.meta.dirname, '../../docs/performance')
const page = join(folder, '../performance.md')
const file = join(folder, 'results.json')
const [begin, end] = ['<!-- measured -->', '<!-- /measured -->']

/** The results that the docs hold so far. */
async function saved(): Promise<Result[]> {
  return JSON.parse(await readFile(file, 'utf8').catch(() => '[]'))
}

/** Puts results in the place of the last ones of these subjects, and makes the chart and the tables of all. */
export async function save(results: readonly Result[]): Promise<void> {
  const others = (await saved()).filter((old) => results.every(({ name }) => name !== old.name))
  const place = ({ name }: Result): number => subjects.findIndex((subject) => subject.name === name)
  const all = [...others, ...results].toSorted((a, b) => place(a) - place(b))
  await writeFile(file, `${JSON.stringify(all, undefined, 2)}\n`)
  await writeFile(join(folder, 'ratios.svg'), chartOf(all))
  await writeFile(page, withTables(await readFile(page, 'utf8'), all))
}

/** The page with these tables in their place. */
function withTables(text: string, all: readonly Result[]): string {
  const [before = '', rest = ''] = text.split(begin)
  const [, after = ''] = rest.split(end)
  const when = [...new Set(all.map(({ date, machine }) => `${date}: ${machine}.`))]
  return `${before}${[begin, ...when, ...all.map(sectionOf), end].join('\n\n')}${after}`
}

/** The page, and what it would be if it were made now of what is saved. */
export async function pageNow(): Promise<{ is: string; wouldBe: string }> {
  const is = await readFile(page, 'utf8')
  return { is, wouldBe: withTables(is, await saved()) }
}
