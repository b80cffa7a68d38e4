// A page that registers itself, bundled as its users do it and visited in Chromium: what the browser asks for, and how often
// files wait for files, on a first visit until its title is the client, and again on a returning one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { build } from 'esbuild'
import { rolldown } from 'rolldown'

const { eventually } = await import('../../../test/browsers/tab.ts')
const { listen } = await import('../../../test/servers/test-server.ts')

/** The issuer in the pages' code; the site puts the server's in its place when a browser asks. */
export const issuer = 'https://as.example'

export const bundlers = { esbuild: byEsbuild, rolldown: byRolldown }

/** Bundles a program into `here`; its entry is written into `from`, where its imports are found. */
export async function bundlePage(program, { name, from, here, bundler }) {
  for (const folder of [from, here]) mkdirSync(folder, { recursive: true })
  const entry = join(from, `${name}.js`)
  writeFileSync(entry, program)
  await bundlers[bundler](entry, here)
}

/**
 * Visits a bundled page twice, at an origin of its own, so that nothing is stored there before. Each file takes `delay`
 * milliseconds to come and, where `bytesPerSecond` are given, all share that line.
 */
export async function visitPage(here, { browser, server, delay, bytesPerSecond = Infinity }) {
  const sizes = new Map()
  const sizeOf = (path) => {
    if (!sizes.has(path)) sizes.set(path, gzipSync(readFileSync(join(here, path)), { level: 9 }).length)
    return sizes.get(path)
  }
  let asked = new Map()
  let free = 0
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
    const now = performance.now()
    free = Math.max(free, now + delay) + (1000 * sizeOf(pathname)) / bytesPerSecond
    setTimeout(() => {
      file.came = true
      response.end(readFileSync(join(here, pathname), 'utf8').replaceAll(issuer, server.issuer))
    }, free - now)
  })
  const tab = await browser.newTab()
  const ids = []
  const go = async () => {
    asked = new Map()
    const began = performance.now()
    await tab.goto(site.url)
    ids.push(await eventually(tab, 'document.title || null'))
    return {
      kB: [...asked.keys()].reduce((sum, path) => sum + sizeOf(path), 0) / 1000,
      files: asked.size,
      waves: Math.max(...[...asked.values()].map(({ wave }) => wave)),
      seconds: (performance.now() - began) / 1000,
    }
  }
  try {
    const visits = { first: await go(), returning: await go() }
    return { ...visits, isKept: ids[0] === ids[1] }
  } finally {
    await Promise.all([tab.close(), site.close()])
  }
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
