// Documents that we build and serve, at real servers: oidc-provider, and Cloudflare's workers-oauth-provider in a process of its
// own. Each fetches them over TLS from this process.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { RegistrationClient } from '@registrant/node'
import type { ClientAuthentication, ClientProof } from '@registrant/node'
import { chooseRegistration, clientMetadataDocument, metadataDocumentHandler } from '@registrant/node/identity'
import type { DocumentMetadata } from '@registrant/node/identity'
import { generateClientKeys, none, privateKeyJwt } from '@registrant/node/keys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as undici from 'undici'

import { startOidcProvider } from '../servers/index.ts'
import type { OidcProviderServer } from '../servers/oidc-provider/start.ts'
import { temporaryDirectory } from '../support/folders.ts'
import type { Host } from './host.ts'
import { startHost } from './host.ts'

const web: DocumentMetadata = {
  client_name: 'Orders',
  redirect_uris: ['https://app.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
}
const key = await generateClientKeys()
const keyed: DocumentMetadata = {
  ...web,
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks: { keys: [key.publicJwk] },
}

let host: Host
beforeAll(async () => {
  host = await startHost()
  for (const [name, metadata] of Object.entries({ web, keyed }))
    host.serve(`/${name}.json`, metadataDocumentHandler(clientMetadataDocument(`${host.url}/${name}.json`, metadata)))
  // One that another client's document stands at.
  host.serve('/copied.json', metadataDocumentHandler(clientMetadataDocument(`${host.url}/web.json`, web)))
})
afterAll(() => host[Symbol.asyncDispose]())

/** What the token endpoint says to a code that nobody issued: `invalid_grant` to a client that it takes. */
async function errorAtTokenEndpoint(
  issuer: string,
  path: string,
  authentication: ClientAuthentication,
): Promise<unknown> {
  const server = await new RegistrationClient({ issuer }).discover()
  const proof: ClientProof = await authentication({ clientId: host.url + path, server })
  const form = {
    grant_type: 'authorization_code',
    code: 'made-up',
    redirect_uri: 'https://app.example/callback',
    code_verifier: 'v'.repeat(43),
    ...proof.form,
  }
  const answer = await fetch(server.token_endpoint ?? '', { method: 'POST', body: new URLSearchParams(form) })
  const said: unknown = await answer.json()
  return said
}

/** Sends somebody to log in. */
async function authorize(
  endpoint: string,
  path: string,
  redirect_uri = 'https://app.example/callback',
): Promise<Response> {
  const query = new URLSearchParams({
    client_id: host.url + path,
    redirect_uri,
    response_type: 'code',
    scope: 'openid',
    state: 's',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  })
  return fetch(`${endpoint}?${query}`, { redirect: 'manual' })
}

const chosen = async (issuer: string): Promise<unknown> => {
  const server = await new RegistrationClient({ issuer }).discover()
  return chooseRegistration({ server, metadataDocument: `${host.url}/web.json`, metadata: web })
}

describe('oidc-provider', () => {
  let server: OidcProviderServer
  beforeAll(async () => {
    const dispatcher = new undici.Agent({ connect: { ca: host.ca } })
    server = await startOidcProvider({
      async fetchDocument(input, init) {
        const { url, headers, signal } = new Request(input, init)
        const asked = { headers: Object.fromEntries(headers), signal, redirect: 'manual', dispatcher } as const
        const answer = await undici.fetch(url, asked)
        return new Response(await answer.arrayBuffer(), { status: answer.status, headers: [...answer.headers] })
      },
    })
  })
  afterAll(() => server.close())

  test('says that it takes documents, and is chosen for it', async () => {
    expect(await chosen(server.issuer)).toMatchObject({ route: 'metadata-document', client_id: `${host.url}/web.json` })
  })

  test('takes a public client by its document', async () => {
    const answer = await authorize(`${server.url}/auth`, '/web.json')
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toContain('/interaction/')
    expect(await errorAtTokenEndpoint(server.issuer, '/web.json', none())).toMatchObject({ error: 'invalid_grant' })
    expect(host.asked).toContain('GET /web.json')
  })

  test('sends nobody to an address that the document does not name', async () => {
    expect((await authorize(`${server.url}/auth`, '/web.json', 'https://evil.example/callback')).status).toBe(400)
  })

  test('takes a client that proves itself by the key in its document, and no other proof', async () => {
    const said = (proof: ClientAuthentication): Promise<unknown> =>
      errorAtTokenEndpoint(server.issuer, '/keyed.json', proof)
    expect(await said(privateKeyJwt({ key: key.privateKey }))).toMatchObject({ error: 'invalid_grant' })
    expect(await said(privateKeyJwt({ key: (await generateClientKeys()).privateKey }))).toMatchObject({
      error: 'invalid_client',
    })
    expect(await said(none())).toMatchObject({ error: 'invalid_client' })
  })

  test('takes no document of another address', async () => {
    expect((await authorize(`${server.url}/auth`, '/copied.json')).status).toBe(400)
    expect(await errorAtTokenEndpoint(server.issuer, '/copied.json', none())).toMatchObject({
      error: 'invalid_client_metadata',
    })
  })
})

describe('workers-oauth-provider', () => {
  let child: ChildProcess
  let issuer: string
  beforeAll(async () => {
    await using folder = await temporaryDirectory()
    const ca = join(folder.path, 'ca.pem')
    await writeFile(ca, host.ca)
    child = spawn(process.execPath, [fileURLToPath(new URL('workers-oauth-provider.mjs', import.meta.url))], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    if (child.stdout === null) throw new Error('It has no output')
    const died = once(child, 'exit').then(() => Promise.reject(new Error('It did not start')))
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), died])
    issuer = String(line)
  })
  afterAll(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
  })

  test('says that it takes documents, and is chosen for it', async () => {
    expect(await chosen(issuer)).toMatchObject({ route: 'metadata-document' })
  })

  test('takes a public client by its document', async () => {
    const answer = await authorize(`${issuer}/authorize`, '/web.json')
    expect(await answer.json()).toEqual({
      clientId: `${host.url}/web.json`,
      clientName: 'Orders',
      redirectUri: 'https://app.example/callback',
    })
    expect(await errorAtTokenEndpoint(issuer, '/web.json', none())).toMatchObject({ error: 'invalid_grant' })
  })

  test('takes a client that proves itself by the key in its document', async () => {
    const proof = privateKeyJwt({ key: key.privateKey })
    expect(await errorAtTokenEndpoint(issuer, '/keyed.json', proof)).toMatchObject({ error: 'invalid_grant' })
    expect(await errorAtTokenEndpoint(issuer, '/keyed.json', none())).toMatchObject({ error: 'invalid_client' })
  })

  test('takes no document of another address', async () => {
    expect((await authorize(`${issuer}/authorize`, '/copied.json')).status).toBe(400)
  })
})
