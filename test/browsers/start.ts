import { engines } from '../../packages/tools/machine/engines-found.mjs'
import { startPuppeteer } from './puppeteer.ts'
import type { Browser } from './tab.ts'
import { startWebkit } from './webkit.ts'

const pathOf = (name: string): string | undefined => engines.find((engine) => engine.name === name)?.path
const chromium = pathOf('Chromium')
const firefox = pathOf('Firefox')
const webkit = pathOf('WebKitGTK')
const display = pathOf('xvfb')

/** The browsers of this machine; `npm test` names those that it lacks, and fails for want of one under CI. */
export const browsers: readonly { name: string; start: () => Promise<Browser> }[] = [
  ...(chromium ? [{ name: 'Chromium', start: () => startPuppeteer('chromium', chromium) }] : []),
  ...(firefox ? [{ name: 'Firefox', start: () => startPuppeteer('firefox', firefox) }] : []),
  ...(webkit && display ? [{ name: 'WebKit', start: () => startWebkit(webkit, display) }] : []),
]
