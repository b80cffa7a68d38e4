// Reads every page as a reader's browser does: no dead link, nothing asked of another host, no error, nothing wider than the
// window, and nothing that axe finds. Ends with 1 where something is wrong.
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Page } from 'puppeteer-core'

import { launch, look } from './browser.ts'
import type { Scheme } from './browser.ts'
import { dist, serve } from './server.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const wrong = new Set<string>()

const paths = globSync('**/*.html', { cwd: dist })
  .map((file) => `/${file.replaceAll('\\', '/').replace(/(?:index)?\.html$/, '')}`)
  .filter((path) => path !== '/404')
  .toSorted()
const shortest = '/reference/@registrant/core/checks'
if (!paths.includes(shortest)) throw new Error(`${shortest} is not there`)
const [site, browser] = await Promise.all([serve(), launch()])
const tab = await browser.newPage()
let at = ''
tab.on('pageerror', (error) => wrong.add(`${at}: ${String(error)}`))
tab.on('console', (message) => {
  if (message.type() === 'error') wrong.add(`${at}: ${message.text()}`)
})
tab.on('request', (request) => {
  const url = request.url()
  if (!url.startsWith(site.url) && !url.startsWith('data:')) wrong.add(`${at}: asks ${new URL(url).host}`)
})

/** What each page offers as a place to lead to, and where it leads. */
const places = new Map<string, Set<string>>()
const links: { from: string; to: URL }[] = []

for (const path of paths) {
  at = path
  await look(tab, 1280, 'light')
  await tab.goto(site.url + path, { waitUntil: 'networkidle0' })
  places.set(path, new Set(await tab.$$eval('[id]', (found) => found.map(({ id }) => id))))
  for (const href of await tab.$$eval('a[href]', (found) => found.map((it) => it.href)))
    if (href.startsWith(site.url)) links.push({ from: path, to: new URL(href) })
  // A page of the reference may be long, and each is made as the shortest is.
  if (path.startsWith('/reference/') && path !== shortest) continue
  await judge(tab, 1280, 'light')
  await judge(tab, 320, 'dark')
}
for (const { from, to } of links) {
  const target = decodeURI(to.pathname)
  const isFile = target.includes('.') && globSync(`.${target}`, { cwd: dist }).length > 0
  const ids = places.get(target)
  const id = decodeURIComponent(to.hash.slice(1))
  if (ids === undefined ? !isFile : id !== '' && !ids.has(id)) wrong.add(`${from}: ${target}${to.hash} leads nowhere`)
}

at = 'search'
await look(tab, 1280, 'light')
await tab.goto(site.url, { waitUntil: 'networkidle0' })
await tab.click('#local-search button')
await tab.waitForSelector('#localsearch-input')
await tab.type('#localsearch-input', 'rotate secret')
await tab
  .waitForSelector('#localsearch-list a[href]', { timeout: 10_000 })
  .catch(() => wrong.add('search: finds nothing for "rotate secret"'))

await browser.close()
site.close()
for (const it of wrong) console.log(`! ${it}`)
console.log(`${paths.length} pages, ${links.length} links, ${wrong.size} findings`)
process.exitCode = wrong.size === 0 ? 0 : 1

/** One look at the page that is open. */
async function judge(page: Page, width: number, scheme: Scheme): Promise<void> {
  await look(page, width, scheme)
  const over = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  if (Number(over) > 0) wrong.add(`${at}: ${String(over)} px wider than ${width}`)
  await page.evaluate(axe)
  const found: unknown = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' at ' + nodes[0].target.join(' ')))",
  )
  if (!Array.isArray(found)) throw new Error('axe said nothing')
  for (const it of found) wrong.add(`${at}: ${String(it)} (${width} px, ${scheme})`)
}
