import puppeteer from 'puppeteer-core'
import type { Browser, Page } from 'puppeteer-core'

/** Chromium without a window. */
export function launch(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM']
  if (executablePath === undefined) throw new Error('There is no Chromium: name it by the variable CHROMIUM')
  return puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })
}

export type Scheme = 'light' | 'dark'

/** How a reader looks at a page. */
export async function look(tab: Page, width: number, scheme: Scheme): Promise<void> {
  await tab.setViewport({ width, height: 800 })
  await tab.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: scheme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ])
}
