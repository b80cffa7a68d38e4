// One file, so that the browsers start one after the other: each of them is many processes.
import { afterAll, beforeAll, describe } from 'vitest'

import type { Bench } from './bench.ts'
import { storageFaults } from './chromium-storage.ts'
import { crossOrigin } from './cross-origin.ts'
import { deaths, slowDeath } from './deaths.ts'
import { examplePage, twentyTabs } from './example-page.ts'
import { serveLab } from './lab/lab.ts'
import { managedKeys } from './managed-keys.ts'
import { noMoreCode } from './no-more-code.ts'
import { servePage } from './page.ts'
import { strictPolicy } from './policy.ts'
import { browsers } from './start.ts'
import { workers } from './workers.ts'

describe.each(browsers)('in $name', { timeout: 60_000 }, ({ name, start }) => {
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

  describe.concurrent('at the same time', () => {
    twentyTabs(get)
    slowDeath(get)
  })
  examplePage(get)
  workers(get)
  managedKeys(get)
  deaths(get)
  crossOrigin(get)
  noMoreCode(get)
  strictPolicy(get)
  if (name === 'Chromium') storageFaults(get)
})
