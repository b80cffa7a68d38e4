import { build, preview } from 'vite'
import type { Plugin } from 'vite'

import { listen } from '../servers/test-server.ts'

const folder = new URL('../../docs/examples/spa/', import.meta.url).pathname
const configFile = `${folder}vite.config.ts`

/** The example page of docs/, built and served under its strict policy. */
export interface Page {
  /** The address of the page, with the server to register at and options of the page in it. */
  at(issuer: string, options?: Record<string, number>): string
  /** What browsers reported that the page's policy forbids. */
  readonly violations: readonly string[]
  close(): Promise<void>
}

let built: Promise<unknown> | undefined

/** Builds the example page once and serves it as docs/ does. */
export async function servePage(): Promise<Page> {
  built ??= build({ configFile, logLevel: 'error' })
  await built
  const violations: string[] = []
  const listening: Plugin = {
    name: 'listen-for-violations',
    configurePreviewServer({ middlewares }) {
      middlewares.use('/violations', (request, response) => {
        request.on('data', (chunk) => violations.push(String(chunk))).on('end', () => response.writeHead(204).end())
      })
    },
  }
  const server = await preview({
    configFile,
    plugins: [listening],
    logLevel: 'error',
    preview: { port: await freePort(), strictPort: true },
  })
  const [origin = ''] = server.resolvedUrls?.local ?? []
  return {
    at: (issuer, options = {}) => {
      const url = new URL(origin)
      url.searchParams.set('issuer', issuer)
      for (const [name, value] of Object.entries(options)) url.searchParams.set(name, String(value))
      return url.href
    },
    violations,
    close: () => server.close(),
  }
}

async function freePort(): Promise<number> {
  const { port, close } = await listen(() => undefined)
  await close()
  return port
}
