// `npm run screenshot`: takes pictures of the example page in .cache/pictures, and copies one of them into docs/.
import { copyFileSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { startOidcProvider } from '@registrant/test/servers'
import puppeteer from 'puppeteer-core'
import type { Browser } from 'puppeteer-core'

import { engines } from '../../packages/tools/machine/engines-found.mjs'
import { servePage } from './page.ts'
import { chromiumFlags } from './puppeteer.ts'

const executablePath = engines.find(({ name }) => name === 'Chromium')?.path
if (executablePath === undefined) throw new Error('There is no Chromium: name it by the variable CHROMIUM')

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = here('../../.cache/pictures/')
mkdirSync(folder, { recursive: true })

const browser = await puppeteer.launch({ executablePath, args: chromiumFlags })
const [server, page] = await Promise.all([startOidcProvider({ open: true }), servePage()])
const address = page.at(server.issuer)
for (const width of [375, 1280])
  for (const scheme of ['light', 'dark']) console.log(await picture(browser, width, scheme))
copyFileSync(`${folder}1280-light.png`, here('../../docs/examples/spa/screenshot.png'))
await Promise.all([browser.close(), page.close(), server.close()])

/** The page after its first visit, in a profile of its own. */
async function picture(from: Browser, width: number, scheme: string): Promise<string> {
  const context = await from.createBrowserContext()
  const tab = await context.newPage()
  await tab.setViewport({ width, height: 760 })
  await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
  await tab.goto(address)
  await tab.waitForSelector('[data-state=registered]', { timeout: 10_000 })
  const path = `${folder}${width}-${scheme}.png` as const
  await tab.screenshot({ path, fullPage: true })
  await context.close()
  return path
}
