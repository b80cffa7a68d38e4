import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { RequestListener } from 'node:http'

/** A request that a server answered. */
export interface SeenRequest {
  method: string
  /** With its query. */
  path: string
  /** 0 as long as there is no answer. */
  status: number
}

/** What proves the client that pays for registrations: to be given to `clientCredentials` as it is. */
export interface Registrar {
  clientId: string
  clientSecret: string
  scope: string
  authentication?: 'client_secret_post' | 'client_secret_basic'
}

/** What every server to test against can tell. */
export interface TestServer {
  /** Where it listens: `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  /** Its issuer identifier. */
  readonly issuer: string
  /** How many registered clients exist there; its own first client does not count. */
  clients(): number
  /** Their identifiers, oldest first. */
  clientIds(): string[]
  /** Every secret that it issued. */
  secrets(): string[]
  /** Removes a client at the server, as an operator would. */
  forget(clientId: string): void
  /** What it was asked, oldest first. */
  readonly requests: readonly SeenRequest[]
  /** Breaks every connection and frees the port. */
  readonly close: () => Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What proves a server, and who vouches for the clients that prove themselves to it; all of it PEM. */
export interface TlsOptions {
  key: string
  cert: string
  ca: string
}

/** Listens on 127.0.0.1, on a port that the system chooses; with TLS it asks for a certificate and accepts any. */
export async function listen(
  listener: RequestListener,
  tls?: TlsOptions,
): Promise<{ url: string; port: number; close: () => Promise<void> }> {
  const server = tls
    ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false }, listener)
    : createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a port was asked for')
  const close = async (): Promise<void> => {
    if (!server.listening) return
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  }
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`, port: address.port, close }
}
