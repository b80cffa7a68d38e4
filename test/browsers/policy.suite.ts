import { expect, test } from 'vitest'

import { until } from './bench.ts'
import type { Bench } from './bench.ts'
import { open } from './lab/lab.ts'

/** Comes last: what all the tests before did was watched. */
export function strictPolicy(bench: () => Bench): void {
  test('a strict content security policy was never violated, although violations are reported', async () => {
    const { browser, page, lab } = bench()
    expect([...page.violations, ...lab.violations]).toEqual([])
    // The policies let a page ask loopback servers alone, so these two questions are violations.
    const tab = await browser.newTab()
    await tab.goto(page.at('https://as.example'))
    await until(() => page.violations.length > 0)
    expect(page.violations.join()).toContain('connect-src')
    await tab.close()
    const other = await open(browser, lab)
    await other.evaluate("lab.visit({ issuer: 'https://as.example' })")
    await until(() => lab.violations.length > 0)
    expect(lab.violations.join()).toContain('connect-src')
    await other.close()
  })
}
