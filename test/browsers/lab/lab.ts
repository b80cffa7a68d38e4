import { fileURLToPath } from 'node:url'

import { bundledFiles } from '../../support/bundled.ts'
import { listen } from '../../servers/test-server.ts'
import { eventually } from '../tab.ts'
import type { Browser, Tab } from '../tab.ts'

/** A site of pages, workers and service workers that register themselves as tests tell them. */
export interface Lab {
  /** The address of its page. */
  readonly page: string
  /** The address of a page that does nothing. */
  readonly elsewhere: string
  readonly origin: string
  /** What browsers reported that its policy forbids. */
  readonly violations: readonly string[]
  /** Whether its files are gone (404); an open page still has the code that it has loaded. */
  gone: boolean
  close(): Promise<void>
}

const policy = "default-src 'self'; img-src 'self' data:; connect-src 'self' http://127.0.0.1:*; report-uri /violations"

/** Serves the site under a strict policy, as bundlers make it: the page and the worker in chunks, one service worker in one. */
export async function serveLab(): Promise<Lab> {
  built ??= contents()
  const files = await built
  const violations: string[] = []
  const { url, close } = await listen((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (path === '/violations') {
      request.on('data', (chunk) => violations.push(String(chunk))).on('end', () => response.writeHead(204).end())
      return
    }
    const file = lab.gone ? undefined : files.get(path)
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html'
    response
      .writeHead(file === undefined ? 404 : 200, {
        'content-type': `${type}; charset=utf-8`,
        'content-security-policy': policy,
        'service-worker-allowed': '/',
        'cache-control': 'no-store',
      })
      .end(file)
  })
  const lab: Lab = { page: `${url}/`, elsewhere: `${url}/elsewhere`, origin: url, violations, gone: false, close }
  return lab
}

let built: Promise<Map<string, string>> | undefined

async function contents(): Promise<Map<string, string>> {
  const files = new Map([
    [
      '/',
      '<!doctype html><title>lab</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    ],
    ['/elsewhere', '<!doctype html><title>elsewhere</title><link rel="icon" href="data:,">'],
  ])
  const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
  const worker = here('./worker.ts')
  for (const { fileName, code } of [
    ...(await bundledFiles({ page: here('./page.ts'), worker, 'split-service-worker': worker })),
    ...(await bundledFiles({ 'service-worker': worker }, { single: true })),
  ])
    files.set(`/${fileName}`, code)
  return files
}

/** Opens the page in a new tab. */
export async function open(browser: Browser, lab: Lab): Promise<Tab> {
  const tab = await browser.newTab()
  await tab.goto(lab.page)
  await eventually(tab, "typeof lab === 'object'")
  return tab
}
