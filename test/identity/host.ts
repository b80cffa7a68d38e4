import { createServer } from 'node:https'

import type { FetchHandler } from '@registrant/node/identity'

import { throwawayAuthority } from '../support/authority.ts'

/** A web server that serves handlers over TLS, as an application would. */
export interface Host extends AsyncDisposable {
  /** `https://127.0.0.1:PORT` */
  readonly url: string
  /** The certificate of its authority, PEM. */
  readonly ca: string
  /** The requests that arrived, oldest first: method and path. */
  readonly asked: string[]
  /** Serves a handler at a path from now on. */
  serve(path: string, handler: FetchHandler): void
}

export async function startHost(): Promise<Host> {
  const authority = await throwawayAuthority()
  const { key, cert } = await authority.server()
  const handlers = new Map<string, FetchHandler>()
  const asked: string[] = []
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    asked.push(`${method} ${path}`)
    const names = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
    const handler = handlers.get(path) ?? (async () => new Response(null, { status: 404 }))
    void handler(new Request(url + path, { method, headers: names })).then(async (response) => {
      outgoing.writeHead(response.status, Object.fromEntries(response.headers))
      outgoing.end(Buffer.from(await response.arrayBuffer()))
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('It does not listen')
  const url = `https://127.0.0.1:${address.port}`
  return {
    url,
    ca: authority.ca,
    asked,
    serve: (path, handler) => void handlers.set(path, handler),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
