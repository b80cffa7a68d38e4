#!/usr/bin/env node
// What a page downloads: pages that register themselves, bundled by esbuild and by rolldown as their users do it, visited
// in Chromium, at a real authorization server. What the browser asks for counts: on a first visit until `ensure()` has
// resolved, and again on a returning one. How often files wait for files counts too: it is what a person feels.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { build } from 'esbuild'
import { rolldown } from 'rolldown'

import '../build/build.mjs'
import { root } from '../build/entry-points.mjs'
import { pages, waves } from './budgets.mjs'

const { browsers } = await import('../../../test/browsers/start.ts')
const { eventually } = await import('../../../test/browsers/tab.ts')
const { startOidcProvider } = await import('../../../test/servers/index.ts')
const { listen } = await import('../../../test/servers/test-server.ts')

/** What the pages say; the site puts the server's in its place when a browser asks. */
const issuer = 'https://as.example'

/** Milliseconds that each file takes to come. */
const delay = 100

/** The figures that people are told are those that are checked. */
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
    const visits = { esbuild: await visit(index, page, byEsbuild), rolldown: await visit(index, page, byRolldown) }
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
async function visit(index, page, bundle) {
  const here = join(folder, `${bundle.name}-${index}`)
  mkdirSync(here, { recursive: true })
  // Inside test/, where the packages can be imported by their names.
  const entry = join(root, 'test/.cache', `page-${index}.js`)
  mkdirSync(join(root, 'test/.cache'), { recursive: true })
  writeFileSync(entry, programOf(page))
  await bundle(entry, here)

  let asked = new Map()
  const site = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const isCode = extname(pathname) === '.js'
    const type = isCode ? 'text/javascript' : 'text/html'
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' })
    if (!isCode) {
      response.end('<!doctype html><link rel=icon href=data:,><script type=module src=/page.js></script>')
      return
    }
    // A file that is asked for when others have come may have waited for them.
    const arrived = [...asked.values()].filter(({ came }) => came)
    const wave = Math.max(-1, ...arrived.map((file) => file.wave)) + 1
    const file = { wave, came: false }
    asked.set(pathname, file)
    setTimeout(() => {
      file.came = true
      response.end(readFileSync(join(here, pathname), 'utf8').replaceAll(issuer, server.issuer))
    }, delay)
  })
  const tab = await browser.newTab()
  const ids = []
  const go = async () => {
    asked = new Map()
    const began = performance.now()
    await tab.goto(site.url)
    ids.push(await eventually(tab, 'document.title || null'))
    const sizes = [...asked.keys()].map((path) => gzipSync(readFileSync(join(here, path)), { level: 9 }).length)
    return {
      kB: sizes.reduce((sum, size) => sum + size, 0) / 1000,
      files: asked.size,
      waves: Math.max(...[...asked.values()].map(({ wave }) => wave)),
      seconds: (performance.now() - began) / 1000,
    }
  }
  const visits = { first: await go(), returning: await go() }
  await Promise.all([tab.close(), site.close()])
  if (ids[0] !== ids[1]) throw new Error(`The visits had two clients: ${ids.join(', ')}`)
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

async function byEsbuild(entry, outdir) {
  await build({
    entryPoints: { page: entry },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    outdir,
    legalComments: 'none',
    logLevel: 'error',
  })
}

async function byRolldown(entry, dir) {
  const bundled = await rolldown({ input: { page: entry }, platform: 'browser', logLevel: 'silent' })
  await bundled.write({ dir, format: 'esm', minify: true, comments: { legal: false }, entryFileNames: '[name].js' })
  await bundled.close()
}
