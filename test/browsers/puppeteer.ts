import puppeteer from 'puppeteer-core'
import type { Page } from 'puppeteer-core'

import type { Browser, Tab } from './tab.ts'

/** Keep Chromium quiet and off the services that a new browser calls; no sandbox, as tests run as root in containers. */
export const chromiumFlags = [
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
export async function startPuppeteer(name: 'chromium' | 'firefox', executablePath: string): Promise<Browser> {
  const browser = await puppeteer.launch({
    browser: name === 'chromium' ? 'chrome' : 'firefox',
    executablePath,
    headless: true,
    // No events of requests, and no size of its own for each tab: no test needs them, and Firefox takes a quarter
    // longer with them.
    networkEnabled: false,
    defaultViewport: null,
    args: name === 'chromium' ? chromiumFlags : [],
  })
  return {
    name,
    async newTab() {
      const page = await browser.newPage()
      return {
        goto: async (url) => void (await page.goto(url)),
        back: async () => void (await page.goBack()),
        evaluate: (expression) => page.evaluate(expression),
        close: () => page.close(),
        ...(name === 'chromium' && {
          storage: storageOf(page),
          block: () => blockStorage(page),
          watchCancelled: () => watchCancelled(page),
        }),
      }
    },
    close: () => browser.close(),
  }
}

/** The methods and addresses of requests that the browser's own list shows as cancelled. */
async function watchCancelled(page: Page): Promise<readonly string[]> {
  const asked = new Map<string, string>()
  const cancelled: string[] = []
  const devtools = await page.createCDPSession()
  devtools.on('Network.requestWillBeSent', ({ requestId, request }) =>
    asked.set(requestId, `${request.method} ${request.url}`),
  )
  devtools.on('Network.loadingFailed', ({ requestId, canceled }) => {
    if (canceled === true) cancelled.push(asked.get(requestId) ?? requestId)
  })
  await devtools.send('Network.enable')
  return cancelled
}

/** Pages get what Chromium gives them where its user allows no site to keep anything: every access is refused. */
async function blockStorage(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(() => {
    const refuse = (): never => {
      throw new DOMException('Access is denied for this document.', 'SecurityError')
    }
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage'])
      Object.defineProperty(window, name, { get: refuse })
  })
}

const storageOf = (page: Page): NonNullable<Tab['storage']> => ({
  clear: async (origin) => {
    const devtools = await page.createCDPSession()
    await devtools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
    await devtools.detach()
  },
  limit: async (origin, bytes) => {
    // The protocol holds to the limit as long as the session lives.
    const devtools = await page.createCDPSession()
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, ...(bytes !== undefined && { quotaSize: bytes }) })
  },
})
