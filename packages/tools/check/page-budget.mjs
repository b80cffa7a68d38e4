#!/usr/bin/env node
// What a page downloads: pages that register themselves, bundled by esbuild and by rolldown as their users do it, visited
// in Chromium, at a real authorization server. What the browser asks for counts: on a first visit until `ensure()` has
// resolved, and again on a returning one. Sizes are gzip -9, a kB is 1,000 bytes; the worse of the two bundlers counts.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { build } from 'esbuild'
import { rolldown } from 'rolldown'

import '../build/build.mjs'
import { root } from '../build/entry-points.mjs'

const { browsers } = await import('../../../test/browsers/start.ts')
const { eventually } = await import('../../../test/browsers/tab.ts')
const { startOidcProvider } = await import('../../../test/servers/index.ts')
const { listen } = await import('../../../test/servers/test-server.ts')

/** Pages by the options that they have beside the README's, and how many kB each visit may take. */
const pages = [
  { name: 'a page', options: '', first: 19.5, returning: 3.6 },
  { name: 'a page that listens to events', options: 'onEvent: () => {},', first: 29.5, returning: 3.6 },
  { name: 'a page with managed keys', options: 'keys: {},', first: 20.5, returning: 3.6 },
  {
    name: '- and its first signature',
    options: 'keys: {},',
    after: 'await manager.authentication()',
    first: 23,
    returning: 22,
  },
]

/** What the pages say; the site puts the server's in its place when a browser asks. */
const issuer = 'https://as.example'

const folder = join(root, '.cache/bundle')
rmSync(folder, { recursive: true, force: true })

const chromium = browsers.find(({ name }) => name === 'Chromium')
if (chromium === undefined) throw new Error('This needs Chromium')
const browser = await chromium.start()
const server = await startOidcProvider({ open: true })
try {
  for (const [index, page] of pages.entries()) {
    const visits = { esbuild: await visit(index, page, byEsbuild), rolldown: await visit(index, page, byRolldown) }
    for (const which of ['first', 'returning']) {
      const told = Object.entries(visits).map(([bundler, sizes]) => `${bundler} ${sizes[which].toFixed(3)}`)
      console.log(`${page.name}, ${which} visit: ${told.join(', ')} kB; budget ${page[which]}`)
      if (Object.values(visits).some((sizes) => !(sizes[which] <= page[which]))) process.exitCode = 1
    }
  }
} finally {
  await Promise.all([browser.close(), server.close()])
}
process.exit()

/** Bundles a page and visits it twice; how many kB each visit asked for. */
async function visit(index, { options, after = '' }, bundle) {
  const here = join(folder, `${bundle.name}-${index}`)
  mkdirSync(here, { recursive: true })
  // Inside test/, where the packages can be imported by their names.
  const entry = join(root, 'test/.cache', `page-${index}.js`)
  mkdirSync(join(root, 'test/.cache'), { recursive: true })
  writeFileSync(entry, programOf(options, after))
  await bundle(entry, here)

  let asked = new Set()
  const site = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const isCode = extname(pathname) === '.js'
    if (isCode) asked.add(pathname)
    response
      .writeHead(200, { 'content-type': isCode ? 'text/javascript' : 'text/html', 'cache-control': 'no-store' })
      .end(
        isCode
          ? readFileSync(join(here, pathname), 'utf8').replaceAll(issuer, server.issuer)
          : '<!doctype html><link rel=icon href=data:,><script type=module src=/page.js></script>',
      )
  })
  const tab = await browser.newTab()
  const ids = []
  const kB = async () => {
    asked = new Set()
    await tab.goto(site.url)
    ids.push(await eventually(tab, 'document.title || null'))
    return (
      [...asked].reduce((sum, path) => sum + gzipSync(readFileSync(join(here, path)), { level: 9 }).length, 0) / 1000
    )
  }
  const sizes = { first: await kB(), returning: await kB() }
  await Promise.all([tab.close(), site.close()])
  if (ids[0] !== ids[1]) throw new Error(`The visits had two clients: ${ids.join(', ')}`)
  return sizes
}

function programOf(options, after) {
  return `
    import { indexedDbStore, RegistrationManager } from '@registrant/browser'
    const manager = new RegistrationManager({
      issuer: '${issuer}',
      application: 'orders-web',
      metadata: { redirect_uris: [location.origin + '/callback'] },
      store: indexedDbStore(),
      ${options}
    })
    const { client_id } = await manager.ensure()
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
