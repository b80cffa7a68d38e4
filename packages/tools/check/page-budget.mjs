#!/usr/bin/env node
// What a page downloads: pages that register themselves, bundled by esbuild and by rolldown as their users do it, visited
// in Chromium, at a real authorization server. What the browser asks for counts: on a first visit until `ensure()` has
// resolved, and again on a returning one. How often files wait for files counts too: it is what a person feels.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import '../build/build.mjs'
import { root } from '../build/entry-points.mjs'
import { pages, waves } from './budgets.mjs'
import { bundlePage, issuer, visitPage } from './page-visit.mjs'

const { browsers } = await import('../../../test/browsers/start.ts')
const { startOidcProvider } = await import('../../../test/servers/index.ts')

/** Milliseconds that each file takes to come. */
const delay = 100

/** The table in the docs, which must hold the figures that are checked here. */
const table = readFileSync(join(root, 'docs/single-page-apps.md'), 'utf8').replaceAll(/ +/g, ' ')
for (const { told, first, returning } of pages) {
  const row = `| ${told} | ${first.kB} kB | ${returning.kB} kB |`
  if (told === undefined || table.includes(row)) continue
  console.log(`! docs/single-page-apps.md does not say: ${row}`)
  process.exitCode = 1
}

const folder = join(root, '.cache/bundle')
rmSync(folder, { recursive: true, force: true })

const chromium = browsers.find(({ name }) => name === 'Chromium')
if (chromium === undefined) throw new Error('This needs Chromium')
const browser = await chromium.start()
const server = await startOidcProvider({ open: true })
try {
  for (const [index, page] of pages.entries()) {
    const visits = { esbuild: await visit(index, page, 'esbuild'), rolldown: await visit(index, page, 'rolldown') }
    for (const which of ['first', 'returning'])
      for (const [bundler, visited] of Object.entries(visits))
        judge(`${page.name}, ${which} visit, ${bundler}`, visited[which], page[which])
  }
} finally {
  await Promise.all([browser.close(), server.close()])
}
process.exit()

/** Says what a visit took, and whether that is within its budget. */
function judge(name, { kB, files, waves: waited, seconds }, most) {
  const mostWaves = most.waves ?? waves
  const isWithin = kB <= most.kB && files <= most.files && waited <= mostWaves
  console.log(
    `${isWithin ? ' ' : '!'} ${name}: ${kB.toFixed(2)} of ${most.kB} kB, ${files} of ${most.files} files, ${waited} of ${mostWaves} waves, ${seconds.toFixed(2)} s at ${delay} ms a file`,
  )
  if (!isWithin) process.exitCode = 1
}

/** Bundles a page and visits it twice; what each visit asked for, and how long it took. */
async function visit(index, page, bundler) {
  const here = join(folder, `${bundler}-${index}`)
  // Inside test/, where the packages can be imported by their names.
  const from = join(root, 'test/.cache')
  await bundlePage(programOf(page), { name: `page-${index}`, from, here, bundler })
  const { isKept, ...visits } = await visitPage(here, { browser, server, delay })
  if (!isKept) throw new Error(`${page.name}: the visits had two clients`)
  return visits
}

function programOf({ options = '', call = '', after = '' }) {
  return `
    import { indexedDbStore, RegistrationManager } from '@registrant/browser'
    const manager = new RegistrationManager({
      issuer: '${issuer}',
      application: 'orders-web',
      metadata: { redirect_uris: [location.origin + '/callback'] },
      store: indexedDbStore(),
      ${options}
    })
    const { client_id } = await manager.ensure(${call})
    ${after}
    document.title = client_id
  `
}
