// metadataDocumentHandler(): what a server is answered that fetches a document, over real connections.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'

import { InvalidRequestError } from '@registrant/node'
import { clientMetadataDocument, metadataDocumentHandler } from '@registrant/node/identity'
import type { ClientMetadataDocument, FetchHandler } from '@registrant/node/identity'
import { generateClientKeys } from '@registrant/node/keys'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const url = 'https://app.example/client.json'
const document = clientMetadataDocument(url, { client_name: 'Örders', redirect_uris: ['https://app.example/callback'] })

/** A server of Node's `http` with a handler, as anybody would put it there. */
async function serve(handler: FetchHandler): Promise<{ at: string } & AsyncDisposable> {
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', headers } = incoming
    const asked = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
    void handler(new Request(url, { method, headers: asked }))
      .then(async (response) => {
        outgoing.writeHead(response.status, Object.fromEntries(response.headers))
        outgoing.end(Buffer.from(await response.arrayBuffer()))
      })
      .catch(() => outgoing.writeHead(500).end())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('It does not listen')
  return {
    at: `http://127.0.0.1:${address.port}/client.json`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('a document', () => {
  test('is served with its media type, its length, a tag, and for how long it may be kept', async () => {
    await using server = await serve(metadataDocumentHandler(document))
    const answer = await fetch(server.at, { headers: { accept: 'application/json' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(answer.headers.get('etag')).toMatch(/^"[\w-]{43}"$/)
    const text = await answer.text()
    expect(JSON.parse(text)).toEqual(document)
    expect(answer.headers.get('content-length')).toBe(`${new TextEncoder().encode(text).byteLength}`)
  })

  test('is answered to HEAD without a body, with the same headers', async () => {
    await using server = await serve(metadataDocumentHandler(document, { maxAge: 60 }))
    const names = ['content-type', 'content-length', 'etag', 'cache-control']
    const [get, head] = await Promise.all([fetch(server.at), fetch(server.at, { method: 'HEAD' })])
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    expect(names.map((name) => head.headers.get(name))).toEqual(names.map((name) => get.headers.get(name)))
    expect(head.headers.get('cache-control')).toBe('public, max-age=60')
  })

  test('is not sent again to whoever has it', async () => {
    await using server = await serve(metadataDocumentHandler(document))
    const tag = (await fetch(server.at)).headers.get('etag') ?? ''
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const answer = await fetch(server.at, { headers: { 'if-none-match': known } })
      expect(answer.status, known).toBe(304)
      expect(await answer.text()).toBe('')
      expect(answer.headers.get('etag')).toBe(tag)
      expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
    }
    expect((await fetch(server.at, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  test('is only read', async () => {
    await using server = await serve(metadataDocumentHandler(document))
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(server.at, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
  })

  test('with @context is JSON-LD for whoever asks for that', async () => {
    const solid = { ...document, '@context': ['https://www.w3.org/ns/solid/oidc-context.jsonld'] }
    await using server = await serve(metadataDocumentHandler(solid))
    const typeFor = async (accept: string): Promise<unknown> => {
      const { headers } = await fetch(server.at, { headers: { accept } })
      expect(headers.get('vary')).toBe('accept')
      return headers.get('content-type')
    }
    expect(await typeFor('application/ld+json, application/json;q=0.5')).toBe('application/ld+json')
    expect(await typeFor('application/json')).toBe('application/json')
    expect(await typeFor('*/*')).toBe('application/json')
  })

  test('whose keys change comes from a function, with another tag each time it is another one', async () => {
    let kid = 'one'
    const { publicJwk } = await generateClientKeys()
    const current = async (): Promise<ClientMetadataDocument> => ({
      ...document,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...publicJwk, kid }] },
    })
    await using server = await serve(metadataDocumentHandler(current))
    const first = (await fetch(server.at)).headers.get('etag') ?? ''
    expect((await fetch(server.at, { headers: { 'if-none-match': first } })).status).toBe(304)
    kid = 'two'
    const second = await fetch(server.at, { headers: { 'if-none-match': first } })
    expect(second.status).toBe(200)
    expect(await second.json()).toMatchObject({ jwks: { keys: [{ kid: 'two' }] } })
  })
})

test('what is no document, or how long it may be kept no number of seconds, is refused at once', () => {
  for (const wrong of [null, undefined, 5])
    expect(() => Reflect.apply(metadataDocumentHandler, undefined, [wrong])).toThrow(InvalidRequestError)
  for (const maxAge of [-1, Number.NaN, '5'])
    expect(() => Reflect.apply(metadataDocumentHandler, undefined, [document, { maxAge }])).toThrow('maxAge')
})

test('what no server would take is not served: refused at once, or with each request', async () => {
  const secret = { ...document, client_secret: 'never' }
  expect(() => metadataDocumentHandler(secret)).toThrow(InvalidRequestError)
  const error = await failure(metadataDocumentHandler(() => secret)(new Request(url)))
  expect(error.code).toBe('invalid-request')
  expect(error.message).not.toContain('never')
})

test('the lines of the page for `http` go on after a method that `Request` refuses, and after a document that threw', async () => {
  const page = await readFile(new URL('../../docs/identity.md', import.meta.url), 'utf8')
  const [, lines = ''] = /Node's `http` needs.*?```ts\n(.*?)```/s.exec(page) ?? []
  const code = lines
    .replace('declare const handler: FetchHandler', `const handler = async () => { throw new Error('no keys') }`)
    .replace('.listen(8080)', `.listen(0, '127.0.0.1', function () { console.log(this.address().port) })`)
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: import.meta.dirname,
  })
  try {
    const [port] = await once(child.stdout, 'data')
    const statusOf = async (method: string): Promise<number | undefined> => {
      const [answer] = await once(request({ port: Number(port), host: '127.0.0.1', method }).end(), 'response')
      return answer.resume().statusCode
    }
    for (let round = 0; round < 2; round++) {
      expect(await statusOf('TRACE')).toBe(405)
      expect(await statusOf('GET')).toBe(500)
    }
  } finally {
    child.kill()
  }
})
