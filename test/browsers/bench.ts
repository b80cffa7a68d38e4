import type { Lab } from './lab/lab.ts'
import type { Page } from './page.ts'
import type { Browser } from './tab.ts'

/** What the tests of one browser share. */
export interface Bench {
  browser: Browser
  page: Page
  lab: Lab
}

/** Waits until a condition holds; throws after 20 seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > end) throw new Error('It did not happen within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A call in the page: an expression for `Tab.evaluate`. */
export const call = (what: string, wish: object): string => `${what}(${JSON.stringify(wish)})`
