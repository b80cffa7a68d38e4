import puppeteer from 'puppeteer-core'
import type { Page } from 'puppeteer-core'

import type { Browser, Tab } from './tab.ts'

/** A tab of Chromium or Firefox, with what only their own protocol can do. */
interface PuppeteerTab extends Tab {
  readonly page: Page
}

export interface PuppeteerBrowser extends Browser {
  newTab(): Promise<PuppeteerTab>
}

/** Quiet, and without the services that a browser calls when it is new; tests run as root in containers. */
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

/** Starts Chromium (by its DevTools protocol) or Firefox (by WebDriver BiDi). */
export async function startPuppeteer(name: 'chromium' | 'firefox', executablePath: string): Promise<PuppeteerBrowser> {
  const browser = await puppeteer.launch({
    browser: name === 'chromium' ? 'chrome' : 'firefox',
    executablePath,
    headless: true,
    args: name === 'chromium' ? chromiumFlags : [],
  })
  return {
    name,
    async newTab() {
      const page = await browser.newPage()
      return {
        page,
        goto: async (url) => void (await page.goto(url)),
        evaluate: (expression) => page.evaluate(expression),
        close: () => page.close(),
      }
    },
    close: () => browser.close(),
  }
}
