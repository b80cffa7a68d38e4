import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'

import type { TlsOptions } from './options.ts'

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
