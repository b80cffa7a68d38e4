import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Outcome } from './behaviour/case.ts'
import { clientCases } from './behaviour/client.ts'
import { fileCases } from './behaviour/files.ts'
import { managerCases } from './behaviour/manager.ts'
import { roomCases } from './behaviour/rooms.ts'
import { columns } from './compilers.ts'
import type { Compiled } from './compilers.ts'
import type { Bundled } from './bundlers.ts'
import { jestSettings } from './jest.ts'
import type { Jested } from './jest.ts'

/** What came of one runtime. */
export interface Ran {
  name: string
  version: string
  outcomes: Outcome[]
}

/** What the docs hold: of each runtime and bundler what came of it last, and of the compilers and of Jest. */
interface Results {
  runtimes: (Ran & { date: string })[]
  bundlers: (Bundled & { date: string })[]
  compilers: Compiled[]
  jest: Jested[]
}

const docs = join(import.meta.dirname, '../../docs')
const page = join(docs, 'runtimes.md')
const file = join(docs, 'runtimes/results.json')

async function results(): Promise<Results> {
  return JSON.parse(await readFile(file, 'utf8'))
}

/** Puts results in the place of the last ones of these names, and makes the tables anew. */
export async function save({
  runtimes = [],
  bundlers = [],
  compilers = [],
  jest = [],
}: {
  runtimes?: readonly Ran[]
  bundlers?: readonly Bundled[]
  compilers?: Compiled[]
  jest?: Jested[]
}): Promise<void> {
  const date = new Date().toISOString().slice(0, 10)
  const old = await results()
  const merged = <T extends { name: string }>(before: readonly T[], now: readonly T[]): T[] =>
    [...before.filter(({ name }) => now.every((it) => it.name !== name)), ...now].toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )
  const all = {
    runtimes: merged(
      old.runtimes,
      runtimes.map((it) => ({ ...it, date })),
    ),
    bundlers: merged(
      old.bundlers,
      bundlers.map((it) => ({ ...it, date })),
    ),
    compilers: compilers.length > 0 ? compilers : old.compilers,
    jest: jest.length > 0 ? jest : old.jest,
  }
  await writeFile(file, `${JSON.stringify(all, undefined, 2)}\n`)
  await writeFile(page, withTables(await readFile(page, 'utf8'), all))
}

/** The page, and what it would be if it were made now of what is saved. */
export async function pageNow(): Promise<{ is: string; wouldBe: string }> {
  const is = await readFile(page, 'utf8')
  return { is, wouldBe: withTables(is, await results()) }
}

function withTables(text: string, { runtimes, bundlers, compilers, jest }: Results): string {
  const tables = {
    runtimes: ofRuntimes(runtimes),
    bundlers: ofBundlers(bundlers),
    compilers: ofCompilers(compilers),
    jest: ofJest(jest),
  }
  return Object.entries(tables).reduce((page_, [name, table]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const [before = '', rest = ''] = page_.split(begin)
    const [, after = ''] = rest.split(end)
    return `${before}${begin}\n\n${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n${end}${after}`
  }, text)
}

const cases = [...clientCases, ...managerCases, ...roomCases, ...fileCases]
const mark = (failed: string | undefined): string => (failed === undefined ? '✓' : '✗')

function ofRuntimes(all: Results['runtimes']): string[][] {
  const seen = (ran: Ran, name: string): string => {
    const outcome = ran.outcomes.find((it) => it.name === name)
    return outcome === undefined ? 'no files' : mark(outcome.failed)
  }
  return [
    ['Case', ...all.map(({ name, version }) => `${name}: ${version}`)],
    ['---', ...all.map(() => ':-:')],
    ...cases.map(({ name }) => [name, ...all.map((ran) => seen(ran, name))]),
    ['Run on', ...all.map(({ date }) => date)],
  ]
}

function ofBundlers(all: Results['bundlers']): string[][] {
  return [
    ['Bundler', 'Version', 'Registers itself', 'Warnings', 'Run on'],
    ['---', '---', ':-:', '---', '---'],
    ...all.map(({ name, version, failed, warnings, date }) => [
      name,
      version,
      mark(failed),
      warnings.length === 0 ? 'none' : String(warnings.length),
      date,
    ]),
  ]
}

function ofCompilers(all: Results['compilers']): string[][] {
  return [
    ['TypeScript', 'Setting', ...columns],
    ['---', '---', ...columns.map(() => ':-:')],
    ...all.map(({ compiler, setting, verdicts }) => [
      compiler,
      setting,
      ...columns.map((column) => verdicts[column] ?? '-'),
    ]),
  ]
}

function ofJest(all: Results['jest']): string[][] {
  return [
    ['The test loads the package by', ...jestSettings],
    ['---', ...jestSettings.map(() => ':-:')],
    ...all.map(({ way, verdicts }) => [way, ...jestSettings.map((setting) => verdicts[setting] ?? '-')]),
  ]
}
