import { clientCredentials, memoryStore, RegistrationClient, RegistrationManager } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { describe, expect, test, vi } from 'vitest'

import { failure } from '../support/failure.ts'
import { makes, otherFetch } from '../support/other-fetch.ts'

const metadata = { redirect_uris: ['https://app.example/cb'] }

/** Of an answer that breaks off in its middle, this much comes. */
const came = '{"client_id":"c","registration_access_token":"a-new-token",'
const cut: Answer = { status: 201, body: came + ' '.repeat(came.length), lost: 'middle' }

describe.for(makes)('a fetch whose answers have no web stream (%s)', (make) => {
  const fetch = otherFetch(make)

  test('serves a whole life of a client', async () => {
    await using server = await startScriptedServer()
    const client = new RegistrationClient({
      issuer: server.issuer,
      accessToken: clientCredentials(server.registrar),
      fetch,
    })
    const registered = await client.register({ ...metadata, client_name: 'Bücher' })
    expect(registered).toMatchObject({ client_id: server.clientIds()[0], client_name: 'Bücher' })
    const updated = await client.update(registered, { client_name: 'Other' })
    expect(await client.read(updated)).toMatchObject({ client_name: 'Other' })
    await client.delete(updated)
    expect(server.clients()).toBe(0)
  })

  test('makes one client in five starts of a manager', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const store = memoryStore()
    for (let start = 1; start <= 5; start++)
      await new RegistrationManager({ issuer: server.issuer, application: 'a', metadata, store, fetch }).ensure()
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('a client whose answer is over the limit is told as made, with its identifier', async () => {
    const body = { client_id: 'c', more: 'x'.repeat(300_000) }
    await using server = await startScriptedServer({ register: { status: 201, body } }, { open: true })
    const error = await failure(new RegistrationClient({ issuer: server.issuer, fetch }).register(metadata))
    expect(error).toMatchObject({ code: 'unexpected-answer', outcome: 'accepted', client_id: 'c' })
    expect(error.message).toContain('is longer than 256 KiB')
  })

  test('of an answer that breaks off, what came is kept, where a fetch gives any of it', async () => {
    await using server = await startScriptedServer({ register: cut }, { open: true })
    const error = await failure(new RegistrationClient({ issuer: server.issuer, fetch }).register(metadata))
    // One that has text() alone gives all or nothing.
    const kept = make === 'React Native' ? { body: '' } : { client_id: 'c', body: came }
    expect(error).toMatchObject({ code: 'unexpected-answer', outcome: 'accepted', ...kept })
  })

  test('a text that never comes ends with the time that a call has', async () => {
    const silent: typeof fetch = async (...asked) => {
      const answer = await fetch(...asked)
      return Object.assign(answer, { body: undefined, text: () => new Promise<string>(() => undefined) })
    }
    await using server = await startScriptedServer({}, { open: true })
    const known = { issuer: server.issuer, registration_endpoint: `${server.url}/register` }
    const client = new RegistrationClient({ server: known, fetch: silent, timeout: 300 })
    expect(await failure(client.register(metadata))).toMatchObject({ code: 'unexpected-answer', outcome: 'accepted' })
  })
})

const known = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' }
const registerBy = (fetch: () => unknown): ReturnType<RegistrationClient['register']> =>
  // What polyfills, wrappers and test doubles bring is no fetch to a compiler.
  new RegistrationClient({ server: known, fetch: Object(fetch), timeout: 1000 }).register(metadata)
const body = '{"client_id":"c","client_secret":"s","client_secret_expires_at":0}'

describe('no answer is lost by how a fetch brings it', () => {
  const common = { status: 201, ok: true, text: async () => body }
  const streamed = (part: unknown): object => ({
    ...common,
    body: new ReadableStream({
      start(controller) {
        controller.enqueue(part)
        controller.close()
      },
    }),
    headers: new Headers(),
  })
  test.for<[string, () => object]>([
    ['headers that are a plain object', () => ({ ...common, headers: { 'content-type': 'application/json' } })],
    [
      'headers that can only be gone through',
      () => ({ ...common, headers: { forEach: (take: (value: string, name: string) => void) => take('a', 'x') } }),
    ],
    ['headers of HTTP/2', () => ({ ...common, headers: new Map([[':status', '201']]) })],
    ['no headers', () => common],
    ['a text that is there at once', () => ({ ...common, text: () => body })],
    ['a stream of texts', () => streamed(body)],
    ['a stream of buffers', () => streamed(new TextEncoder().encode(body).buffer)],
  ])('%s', async ([, answer]) => {
    expect((await registerBy(async () => answer())).client_id).toBe('c')
    expect((await registerBy(answer)).client_id).toBe('c')
  })

  test.for([undefined, null, 5, {}, 'text', { ...common, status: NaN }, { ...common, status: 201.5 }])(
    '%s instead of a Response is named',
    async (answer) => {
      const error = await failure(registerBy(async () => answer))
      expect(error.message).toContain('what fetch returned is no Response')
    },
  )

  test.for([undefined, null, 5, { client_id: 'c' }])(
    'where a text is %j, the answer is told as a success that broke off',
    async (text) => {
      const error = await failure(registerBy(() => ({ ...common, text: async () => text })))
      expect(error).toMatchObject({ code: 'unexpected-answer', outcome: 'accepted', status: 201, body: '' })
    },
  )

  test.for<[string, unknown]>([
    ['empty parts', new Uint8Array(0)],
    ['empty texts', ''],
  ])('a stream of %s without an end is told as longer than is read', async ([, part]) => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(part) })
    const error = await failure(registerBy(() => ({ ...common, body: endless, headers: new Headers() })))
    expect(error).toMatchObject({ code: 'unexpected-answer', outcome: 'accepted', status: 201 })
    expect(error.message).toContain('is longer than 256 KiB')
  })

  test('of one that breaks off in a page, what came is kept', async () => {
    await using server = await startScriptedServer({ register: cut }, { open: true })
    vi.stubGlobal('origin', server.url)
    const error = await failure(new RegistrationClient({ issuer: server.issuer }).register(metadata))
    vi.unstubAllGlobals()
    expect(error).toMatchObject({ outcome: 'accepted', client_id: 'c', body: came })
  })

  test.for<[string, object]>([
    ['no cancel', { getReader: () => ({ read: () => new Promise(() => undefined) }) }],
    [
      'a cancel that does nothing',
      { getReader: () => ({ read: () => new Promise(() => undefined), cancel: () => new Promise(() => undefined) }) },
    ],
  ])('a stream that never ends and has %s ends with the time that a call has', async ([, stream]) => {
    const error = await failure(registerBy(() => ({ ...common, body: stream, headers: new Headers() })))
    expect(error).toMatchObject({ code: 'unexpected-answer', outcome: 'accepted', status: 201 })
  })

  test('a body that somebody has in hand already is told as a success that broke off', async () => {
    const answer = new Response(body, { status: 201 })
    answer.body?.getReader()
    expect(await failure(registerBy(async () => answer))).toMatchObject({
      code: 'unexpected-answer',
      outcome: 'accepted',
      status: 201,
    })
  })
})
