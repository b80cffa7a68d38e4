import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

import { build } from 'vite'

import { listen } from '../servers/test-server.ts'
import { temporaryDirectory } from '../support/folders.ts'

const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' }

/** Builds a folder of pages as its users would, and serves it as any host of static files does. */
export async function serveSite(folder: string): Promise<{ url: string } & AsyncDisposable> {
  const dist = await temporaryDirectory()
  await build({ root: folder, logLevel: 'error', build: { outDir: dist.path, emptyOutDir: true, target: 'es2023' } })
  const { url, close } = await listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = join(dist.path, pathname === '/' ? 'index.html' : pathname)
    readFile(path).then(
      (content) => response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(content),
      () => response.writeHead(404).end(),
    )
  })
  return {
    url,
    async [Symbol.asyncDispose]() {
      await close()
      await dist[Symbol.asyncDispose]()
    },
  }
}
