// One file, so that the browsers start one after the other: each of them is many processes.
import { readdirSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { aside } from './aside.suite.ts'
import type { Bench } from './bench.ts'
import { storageFaults } from './chromium-storage.suite.ts'
import { crossOrigin } from './cross-origin.suite.ts'
import { deaths, slowDeath } from './deaths.suite.ts'
import { examplePage, twentyTabs } from './example-page.suite.ts'
import { serveLab } from './lab/lab.ts'
import { managedKeys } from './managed-keys.suite.ts'
import { noMoreCode } from './no-more-code.suite.ts'
import { servePage } from './page.ts'
import { strictPolicy } from './policy.suite.ts'
import { signIn } from './sign-in.suite.ts'
import { browsers } from './start.ts'
import { workers } from './workers.suite.ts'

type Suite = (bench: () => Bench) => void

/** Each by the name of its file. What takes a lease's time and what takes many tabs stands first, and runs side by side. */
const atOnce: Readonly<Record<string, Suite>> = { 'example-page': twentyTabs, deaths: slowDeath }
const inTurn: Readonly<Record<string, Suite>> = {
  'example-page': examplePage,
  workers,
  aside,
  'managed-keys': managedKeys,
  deaths,
  'cross-origin': crossOrigin,
  'no-more-code': noMoreCode,
  policy: strictPolicy,
}
/** What a page of a login does is the library's, and only Chromium can be told what happens to its storage: in one browser. */
const inChromium: Readonly<Record<string, Suite>> = { 'chromium-storage': storageFaults, 'sign-in': signIn }

/** `npm test -- workers` chooses a suite as it chooses a file. */
const chosen = process.env['REGISTRANT_SUITES']?.split(',')
const isChosen = (name: string): boolean => chosen?.includes(name) ?? true
const suitesOf = (table: Readonly<Record<string, Suite>>): Suite[] =>
  Object.entries(table)
    .filter(([name]) => isChosen(name))
    .map(([, suite]) => suite)
const inTurnIn = (name: string): Suite[] => suitesOf(name === 'Chromium' ? { ...inTurn, ...inChromium } : inTurn)

const side = suitesOf(atOnce)
// A browser that has none of the suites that were chosen is not started, nor taken for one whose tests are missing.
const needed = browsers.filter(({ name }) => side.length > 0 || inTurnIn(name).length > 0)

test('each suite of this folder is run, by the name of its file', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.suite.ts'))
  const run = new Set(Object.keys({ ...atOnce, ...inTurn, ...inChromium }))
  expect(files.map((name) => name.slice(0, -'.suite.ts'.length)).toSorted()).toEqual([...run].toSorted())
})

describe.each(needed)('in $name', { timeout: 60_000 }, ({ name, start }) => {
  let bench: Bench | undefined
  const get = (): Bench => {
    if (bench === undefined) throw new Error('The browser did not start')
    return bench
  }
  beforeAll(async () => {
    const [browser, page, lab] = await Promise.all([start(), servePage(), serveLab()])
    bench = { browser, page, lab }
  }, 60_000)
  afterAll(async () => {
    await bench?.browser.close()
    await Promise.all([bench?.page.close(), bench?.lab.close()])
  })

  if (side.length > 0)
    describe.concurrent('at the same time', () => {
      for (const suite of side) suite(get)
    })
  for (const suite of inTurnIn(name)) suite(get)
})
