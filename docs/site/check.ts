// Reads every page as a reader's browser does: no dead link, nothing asked of another host, no error, nothing wider than the
// window, and nothing that axe finds. Ends with 1 where something is wrong.
import { globSync } from 'node:fs'

import { launch, look } from './browser.ts'
import { checkPlayground } from './check-playground.ts'
import { judge } from './judge.ts'
import { dist, serve } from './server.ts'

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
const allowed = new Set([new URL(site.url).host])
tab.on('request', (request) => {
  const url = request.url()
  if (/^https?:/.test(url) && !allowed.has(new URL(url).host)) wrong.add(`${at}: asks ${new URL(url).host}`)
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
  for (const it of [...(await judge(tab, 1280, 'light')), ...(await judge(tab, 320, 'dark'))]) wrong.add(`${at}: ${it}`)
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

at = 'playground'
await checkPlayground(
  tab,
  site.url,
  (it) => wrong.add(`${at}: ${it}`),
  (host) => allowed.add(host),
)

await browser.close()
site.close()
for (const it of wrong) console.log(`! ${it}`)
console.log(`${paths.length} pages, ${links.length} links, ${wrong.size} findings`)
process.exitCode = wrong.size === 0 ? 0 : 1
