import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'

import { eventually } from '../browsers/tab.ts'
import type { Browser } from '../browsers/tab.ts'
import { listen } from '../servers/test-server.ts'

const run = promisify(execFile)
const here = import.meta.dirname
const cache = join(here, '.cache')
const program = join(here, 'bundle.mjs')

/** What pages say; the site puts the server's in its place when a browser asks. */
const issuer = 'https://as.example'

const imports = `import { indexedDbStore, RegistrationManager } from '@registrant/browser'`
const code = `
const manager = new RegistrationManager({
  issuer: '${issuer}',
  application: 'orders',
  metadata: { redirect_uris: [location.origin + '/callback'] },
  store: indexedDbStore(),
})
const { client_id } = await manager.ensure()
document.title = client_id
`
const page = (script: string): string =>
  `<!doctype html><html><head><link rel="icon" href="data:,"></head><body><script type="module" src="${script}"></script></body></html>`
const plain = { 'page.js': `${imports}\n${code}`, 'index.html': page('/page.js') }

/** The files that each bundler is given, and what it makes of them: whole pages, or only the script. */
const sources: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vite: plain,
  webpack: plain,
  next: {
    'next.config.mjs': `export default { output: 'export', distDir: 'out' }`,
    'package.json': '{ "private": true, "type": "module" }',
    'app/layout.jsx': `export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html> }`,
    'app/page.jsx': `'use client'
import { useEffect } from 'react'
${imports}
export default function Page() {
  useEffect(() => void (async () => {${code}})(), [])
  return <p>Orders</p>
}`,
  },
  esbuild: plain,
  rollup: plain,
  rolldown: plain,
  parcel: {
    ...plain,
    'index.html': page('page.js'),
    // Parcel follows the entry points of a package only when it is told to.
    'package.json': '{ "private": true, "@parcel/resolver-default": { "packageExports": true } }',
    // What Parcel takes for the root of the project, whose package.json it reads.
    'pnpm-lock.yaml': '',
  },
}

export const bundlers: readonly string[] = Object.keys(sources)

/** What came of a page: how it was bundled, and the clients of two visits. */
export interface Bundled {
  name: string
  version: string
  warnings: string[]
  failed?: string
}

/** Bundles the page, visits it twice, and says what came of it. `project` has our packages, as npm installs them. */
export async function bundled(
  name: string,
  project: string,
  at: { browser: Browser; server: string },
): Promise<Bundled> {
  const version = (await run(process.execPath, [program, '--version', name])).stdout.trim()
  try {
    const folder = await prepared(name, project)
    const { stdout } = await run(process.execPath, [program, name, folder], { timeout: 400_000, maxBuffer: 1e8 })
    const warnings: string[] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    const ids = await visit(join(folder, 'out'), at)
    const failed = ids[0] === ids[1] ? undefined : `Two visits had two clients: ${ids.join(', ')}`
    return { name, version, warnings, ...(failed !== undefined && { failed }) }
  } catch (error) {
    return { name, version, warnings: [], failed: String(error) }
  }
}

async function prepared(name: string, project: string): Promise<string> {
  const folder = join(cache, name)
  const packages = join(cache, 'node_modules')
  await rm(folder, { recursive: true, force: true })
  await cp(join(project, 'node_modules/@registrant'), join(packages, '@registrant'), { recursive: true })
  await cp(join(project, 'node_modules/jose'), join(packages, 'jose'), { recursive: true })
  for (const [path, text] of Object.entries(sources[name] ?? {})) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.html': 'text/html', '.css': 'text/css' }

/** The titles of two visits. */
async function visit(folder: string, { browser, server }: { browser: Browser; server: string }): Promise<unknown[]> {
  const site = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname === '/' ? '/index.html' : pathname
    const file = join(folder, path)
    // Bundlers that make no page get one.
    const text = existsSync(file)
      ? readFile(file, 'utf8')
      : Promise.resolve(path === '/index.html' ? page('/page.js') : '')
    void text.then((found) => {
      response.writeHead(found === '' ? 404 : 200, {
        'content-type': types[extname(path)] ?? 'application/octet-stream',
      })
      response.end(found.replaceAll(issuer, server))
    })
  })
  const tab = await browser.newTab()
  try {
    const ids: unknown[] = []
    for (let time = 0; time < 2; time++) {
      await tab.goto(site.url)
      ids.push(await eventually(tab, 'document.title || null'))
    }
    return ids
  } finally {
    await Promise.all([tab.close(), site.close()])
  }
}
