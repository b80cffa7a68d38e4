import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Page } from 'puppeteer-core'

import { look } from './browser.ts'
import type { Scheme } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What is wrong with the page that is open: it is wider than the window, or axe finds something. */
export async function judge(tab: Page, width: number, scheme: Scheme): Promise<string[]> {
  await look(tab, width, scheme)
  const over = Number(await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'))
  await tab.evaluate(axe)
  const found: unknown = await tab.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' at ' + nodes[0].target.join(' ')))",
  )
  if (!Array.isArray(found)) throw new Error('axe said nothing')
  return [...(over > 0 ? [`${over} px wider`] : []), ...found.map(String)].map((it) => `${it} (${width} px, ${scheme})`)
}
