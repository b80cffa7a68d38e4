import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { RegistrationClient } from '@registrant/node'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { fetchWithCertificate } from '../../docs/examples/mutual-tls/fetch.ts'
import { registrant } from '../cli/run.ts'
import { throwawayAuthority } from '../support/authority.ts'
import { failure } from '../support/failure.ts'
import { temporaryDirectory } from '../support/folders.ts'

const envFor = (issuer: string): Record<string, string> => ({
  REGISTRANT_ISSUER: issuer,
  REGISTRANT_APPLICATION: 'orders',
  REGISTRANT_METADATA: '{ "grant_types": ["client_credentials"], "response_types": [], "redirect_uris": [] }',
  REGISTRANT_STORE: 'file:state',
})

test('a certificate of an authority of ones own is taken by NODE_EXTRA_CA_CERTS, and refused with advice without it', async () => {
  const authority = await throwawayAuthority()
  await using server = await startOidcProvider({ tls: { ...(await authority.server()), ca: authority.ca } })
  await using folder = await temporaryDirectory()
  const ca = join(folder.path, 'ca.pem')
  await writeFile(ca, authority.ca)
  const { clientId, clientSecret } = server.registrar
  const env = {
    ...envFor(server.issuer),
    REGISTRANT_CLIENT_ID: clientId,
    REGISTRANT_CLIENT_SECRET: clientSecret,
    REGISTRANT_AUTHENTICATION: 'client_secret_post',
    REGISTRANT_SCOPE: 'register',
  }
  const refused = await registrant(['ensure'], { cwd: folder.path, env })
  expect(refused).toMatchObject({ code: 3, error: expect.stringContaining('NODE_EXTRA_CA_CERTS') })
  const taken = await registrant(['ensure'], { cwd: folder.path, env: { ...env, NODE_EXTRA_CA_CERTS: ca } })
  expect(taken).toMatchObject({ code: 0, out: expect.stringContaining('registered client') })
})

test('a server that lets in nobody without a certificate is spoken to by the fetch that docs show', async () => {
  const authority = await throwawayAuthority()
  const metadata: Record<string, unknown> = {}
  await using inner = await startScriptedServer({}, { open: true, metadata })
  const outer = createTlsServer(
    { ...(await authority.server()), ca: authority.ca, requestCert: true, rejectUnauthorized: true },
    (incoming, outgoing) => {
      const { method = '', url: path, headers } = incoming
      const type = headers['content-type'] ?? ''
      void text(incoming).then(async (body) => {
        const sent = { method, headers: { 'content-type': type }, body: method === 'POST' ? body : null }
        const answer = await fetch(`${inner.url}${path}`, sent)
        outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
      })
    },
  )
  await new Promise<void>((resolve) => outer.listen(0, '127.0.0.1', resolve))
  const address = outer.address()
  const issuer = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  Object.assign(metadata, { issuer, registration_endpoint: `${issuer}/register` })
  const register = (fetch: typeof globalThis.fetch) =>
    new RegistrationClient({ issuer, fetch }).register({
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    })
  try {
    const client = await authority.client('orders.example')
    const { client_id } = await register(fetchWithCertificate({ ...client, ca: authority.ca }))
    expect(inner.clientIds()).toEqual([client_id])
    // A certificate of somebody else is none.
    const other = await (await throwawayAuthority('Somebody else')).client('orders.example')
    const error = await failure(register(fetchWithCertificate({ ...other, ca: authority.ca })))
    expect(error).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(inner.clients()).toBe(1)
  } finally {
    outer.close()
    outer.closeAllConnections()
  }
})

test('an answer without end is broken off by the fetch with a certificate as by any other', async () => {
  const endless = createServer((_, response) => {
    const more = (): boolean => response.write(' '.repeat(65_536))
    response.writeHead(201, { 'content-type': 'application/json' }).on('drain', more)
    more()
  })
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve))
  const address = endless.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  try {
    const client = new RegistrationClient({
      server: { issuer, registration_endpoint: `${issuer}/register` },
      fetch: fetchWithCertificate({ cert: '', key: '' }),
    })
    const error = await failure(client.register({ redirect_uris: ['https://orders.example/callback'] }))
    expect(error).toMatchObject({ code: 'unexpected-answer', message: expect.stringContaining('longer than 256 KiB') })
  } finally {
    endless.close()
    endless.closeAllConnections()
  }
})

test('requests go through the proxy that the environment names, and not where NO_PROXY says so', async () => {
  await using server = await startScriptedServer({}, { open: true })
  await using folder = await temporaryDirectory()
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '')
    const { hostname, port, pathname } = new URL(request.url ?? '')
    void fetch(`http://${hostname}:${port}${pathname}`).then(async (answer) =>
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text()),
    )
  })
  proxy.on('connect', ({ url = '' }, socket) => {
    asked.push(url)
    const [host, port] = url.split(':')
    const through = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    for (const end of [through, socket]) end.on('error', () => end.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const address = proxy.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const env = { ...envFor(server.issuer), NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${port}` }
  try {
    await registrant(['doctor'], { cwd: folder.path, env })
    expect(asked.join(' ')).toContain(new URL(server.issuer).host)
    const before = asked.length
    const direct = await registrant(['ensure'], { cwd: folder.path, env: { ...env, NO_PROXY: '127.0.0.1' } })
    expect(direct.code).toBe(0)
    expect(asked.length).toBe(before)
  } finally {
    proxy.close()
    proxy.closeAllConnections()
  }
})
