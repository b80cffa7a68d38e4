import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'

/** A request that a server answered. */
export interface SeenRequest {
  method: string
  /** With its query. */
  path: string
  /** 0 as long as there is no answer. */
  status: number
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

/** Listens on 127.0.0.1, on a port that the system chooses. */
export async function listen(
  listener: RequestListener,
): Promise<{ url: string; port: number; close: () => Promise<void> }> {
  const server = createServer(listener)
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
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, close }
}
