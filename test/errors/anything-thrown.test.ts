import { inspect } from 'node:util'

import {
  clientCredentials,
  memoryStore,
  RegistrationClient,
  RegistrationError,
  RegistrationManager,
} from '@registrant/node'
import type { ClientOptions } from '@registrant/node'
import { checkProfile } from '@registrant/node/checks'
import { oauth4webapi, openidClient } from '@registrant/node/handover'
import { clientMetadataDocument, metadataDocumentHandler, protectedResourceRequests } from '@registrant/node/identity'
import { clientSecretJwt, generateClientKeys, privateKeyJwt } from '@registrant/node/keys'
import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

const metadata = { redirect_uris: ['https://app.example/cb'] }
const issuer = 'https://as.example'
const whole = { issuer, application: 'orders', store: memoryStore(), metadata }

async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    return error
  }
}

/** Constructs with options that no compiler lets through. */
const manager = (more: object): RegistrationManager => new RegistrationManager(Object.assign({}, whole, more))
const client = (more: object): RegistrationClient => new RegistrationClient(Object.assign({ issuer }, more))

/** Calls a verb as no compiler lets through. */
function callOn(on: object, verb: string, given: unknown[]): unknown {
  const method: unknown = Reflect.get(on, verb)
  return typeof method === 'function' ? Reflect.apply(method, on, given) : undefined
}

test.for<[option: string, more: object]>([
  ['issuer', { issuer: undefined }],
  ['issuer', { issuer: 'as.example' }],
  ['store', { store: undefined }],
  ['store', { store: './registration' }],
  ['metadata', { metadata: undefined }],
  ['metadata', { metadata: 'orders' }],
  ['metadata', { metadata: { default_max_age: 1n } }],
  ['application', { application: '' }],
  ['accessToken', { accessToken: '' }],
  ['accessToken', { accessToken: 7 }],
  ['updateAccessToken', { updateAccessToken: '' }],
  ['forgetDelay', { forgetDelay: -1 }],
  ['overlap', { overlap: Number.NaN }],
  ['generation', { generation: 'v1' }],
  ['preflight', { preflight: 'on' }],
  ['profile', { profile: 'keycloak' }],
  ['timeout', { timeout: 'long' }],
  ['lease', { lease: 1 }],
  ['reregister', { reregister: 'no' }],
  ['preRegistered', { preRegistered: { issuer, client_id: '' } }],
  ['onEvent', { onEvent: {} }],
])('an option that can not work is named at once: %s', async ([option, more]) => {
  const error = await thrownBy(() => manager(more))
  expect(error).toMatchObject({ code: 'invalid-request', outcome: 'not-sent' })
  expect(String(error)).toMatch(new RegExp(`^InvalidRequestError: What is given can not work: ${option}: `))
})

test.for<[what: string, given: object, said: string]>([
  ['neither is there', { issuer: undefined }, 'Give it, or server with its issuer.'],
  ['the metadata have none', { issuer: undefined, server: {} }, 'Give it, or server with its issuer.'],
  ['both are there', { server: { issuer } }, 'Give it or server, not both.'],
  [
    'it is an object',
    { issuer: new URL(issuer) },
    'It must be a text, an address with its https:// and nothing around it.',
  ],
  [
    'a space stands before it',
    { issuer: ' https://as.example' },
    'It must be a text, an address with its https:// and nothing around it.',
  ],
  [
    'it has no scheme',
    { issuer: 'as.example' },
    'It must be a text, an address with its https:// and nothing around it.',
  ],
])('of an issuer it is said what is wrong with it: %s', async ([, given, said]) => {
  for (const made of [() => client(given), () => manager(given)])
    expect(String(await thrownBy(made))).toContain(`issuer: ${said}`)
})

test.for<[member: string, profile: object]>([
  ['name', { cors: 'It lets pages ask.' }],
  ['accepts', { name: 'Example', accepts: 'scope' }],
  ['aliases', { name: 'Example', aliases: { scope: null } }],
  ['cannot', { name: 'Example', cannot: { update: true } }],
  ['unknownMembers', { name: 'Example', unknownMembers: 'kept' }],
  ['managementUri', { name: 'Example', managementUri: 'clients' }],
  ['registrationEndpoint', { name: 'Example', registrationEndpoint: '/register' }],
  ['singleUseToken', { name: 'Example', singleUseToken: 'yes' }],
  ['advice', { name: 'Example', advice: [{ status: '400' }] }],
  ['warns', { name: 'Example', warns: 7n }],
])('a profile that none can be is named when it is first used: %s', async ([member, profile]) => {
  for (const made of [
    () => client({ profile }).discover(),
    () => manager({ profile }).ensure(),
    () => manager({ profile }).delete(),
  ]) {
    const error = await thrownBy(made)
    expect(error).toMatchObject({ code: 'invalid-request', outcome: 'not-sent' })
    expect(String(error)).toMatch(
      new RegExp(`^InvalidRequestError: What is given can not work: profile\\.${member}: It `),
    )
  }
})

test('the secret of who pays for a registration must not be empty', async () => {
  const error = await thrownBy(() => clientCredentials({ clientId: 'registerClient', clientSecret: '' }))
  expect(String(error)).toContain('clientSecret: It is missing or empty')
})

test('a function of the caller that throws, or returns nothing, is an error that keeps what it threw', async () => {
  const server = await startScriptedServer({}, { open: true })
  const down = new Error('vault down')
  const fail = (): never => {
    throw down
  }
  const given = { issuer: server.issuer }
  for (const option of ['accessToken', 'dpop', 'encodeBody']) {
    const more = { ...given, accessToken: 'token', [option]: fail }
    expect(await thrownBy(() => client(more).register(metadata)), option).toMatchObject({
      outcome: 'not-sent',
      cause: down,
    })
    const none = { ...given, accessToken: 'token', [option]: () => undefined }
    const error = await thrownBy(() => client(none).register(metadata))
    expect(error, option).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(String(error)).toContain('must return')
  }
  expect(server.requests.filter(({ method }) => method === 'POST')).toEqual([])
  await server.close()
})

test('what a function of the caller throws is shown without the request that failed in it', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const secret = 'Bearer the-token-of-the-vault'
  const request = { headers: { authorization: secret } }
  const failed = Object.assign(new Error('Request failed with status code 401'), { code: 'ERR_BAD', config: request })
  for (const thrown of [failed, new Response(secret), request]) {
    const given = { issuer: server.issuer, accessToken: () => Promise.reject(Object(thrown)) }
    const error = await thrownBy(() => client(given).register(metadata))
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret)
    expect(Object(error).cause).toBeInstanceOf(Error)
  }
  const error = await thrownBy(() => client({ issuer: server.issuer, accessToken: failing }).register(metadata))
  expect(error).toMatchObject({
    cause: { message: failed.message, name: 'Error', code: 'ERR_BAD', stack: failed.stack },
  })

  function failing(): never {
    throw failed
  }
})

test('what a function of the caller throws shows no token that it was given, in its message, its name, its code or its stack', async () => {
  const token = 'a-token-that-is-secret'
  const refused = { status: 401, body: { error: 'invalid_token' } }
  await using server = await startScriptedServer({ register: [refused, refused, refused] }, { open: true })
  const quoting = (said: unknown): Promise<never> => {
    const error = Object.assign(new Error(`no use: ${String(said)}`), { code: `E ${String(said)}` })
    error.name = `Failed ${String(said)}`
    return Promise.reject(Object.assign(error, { stack: `${error.name}: ${error.message}\n    at there` }))
  }
  for (const options of [
    { accessToken: token, dpop: ({ accessToken }) => quoting(accessToken) },
    { accessToken: ({ refused: old }) => (old === undefined ? token : quoting(old)) },
    {
      accessToken: token,
      fetch: (url, init) =>
        init?.method === 'POST' ? quoting(new Headers(init.headers).get('authorization')) : fetch(url, init),
    },
  ] satisfies Partial<ClientOptions>[]) {
    const error = await thrownBy(() => client({ issuer: server.issuer, ...options }).register(metadata))
    expect(inspect(error, { depth: 9, showHidden: true })).toContain('no use: ')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(token)
  }
})

test('no control character of what a function of the caller throws reaches whoever prints it', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const accessToken = (): Promise<string> => Promise.reject(new Error('said \u001B[31mevil'))
  const error = await thrownBy(() => client({ issuer: server.issuer, accessToken }).register(metadata))
  const { cause } = Object(error)
  expect(`${cause.message} ${cause.stack}`).toContain('[31mevil')
  expect(`${cause.message} ${cause.stack}`).not.toContain('\u001B')
})

test('the stack of what throws when its message is looked at is not shown: it may begin with any text', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const thrown = Object.defineProperties(new Error('x'), {
    message: { get: unseen },
    stack: { value: 'Error: said \u001B[31mevil' },
  })
  const accessToken = (): Promise<string> => Promise.reject(thrown)
  const { cause } = Object(await thrownBy(() => client({ issuer: server.issuer, accessToken }).register(metadata)))
  expect(cause).toMatchObject({ message: expect.stringContaining('no reason') })
  expect(cause.stack).not.toContain('evil')
})

test.for<[what: string, thrown: object, said: RegExp]>([
  ['has a message and no name', { message: 'no route', code: 'PGRST000' }, /no route/],
  ['has texts that are none', { message: 'no route', name: 5, stack: {}, code: [] }, /no route/],
  ['has a message that throws', Object.defineProperty(new Error('x'), 'message', { get: unseen }), /no reason/],
  ['has a cause that throws', Object.defineProperty(new Error('no route'), 'cause', { get: unseen }), /no route/],
  ['throws at each look', new Proxy({}, { get: unseen, has: unseen }), /no reason/],
])('a thrown value that %s is told as any other, with what is known of the server', async ([, thrown, said]) => {
  await using server = await startScriptedServer({}, { open: true })
  const fail = (): Promise<never> => Promise.reject(thrown)
  const given = { issuer: server.issuer }
  for (const option of ['accessToken', 'dpop', 'encodeBody']) {
    const error = await thrownBy(() => client({ ...given, accessToken: 'token', [option]: fail }).register(metadata))
    expect(error, option).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(Object(error).cause.message, option).toMatch(said)
  }
  const lost: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init)
    if (init?.method !== 'POST') return answer
    throw thrown
  }
  const sent = await thrownBy(() => client({ ...given, fetch: lost }).register(metadata))
  expect(sent).toMatchObject({ code: 'transport', outcome: 'unknown' })
  expect(String(sent)).toMatch(said)
  const store = { load: fail, save: fail }
  const unread = await thrownBy(() => manager({ ...given, store, fetch: lost }).ensure())
  expect(unread).toMatchObject({ code: 'store-unavailable' })
  expect(String(unread)).toMatch(said)
})

function unseen(): never {
  throw new Error('nobody may look')
}

test('a call without what it is about is named', async () => {
  const calls: [said: string, made: () => unknown][] = [
    ['metadata: ', () => callOn(client({}), 'register', [])],
    ['client_id: ', () => callOn(client({}), 'read', [])],
    ['client_id: ', () => callOn(client({}), 'update', [{}])],
    ['client_id: ', () => callOn(client({}), 'delete', [null])],
    ['client_id: ', () => callOn(manager({}), 'reportRejected', [])],
    ['client_secret: ', () => callOn(manager({}), 'reportRejected', [{ client_id: 'c', client_secret: 1n }])],
    ['prefer: ', () => manager({ prefer: 'a', metadataDocument: 'https://app.example/c.json' }).ensure()],
    ['client_id: ', () => callOn(manager({}), 'recover', [null])],
    ['signal: ', () => callOn(manager({}), 'ensure', [{ signal: 'now' }])],
    ['signal: ', () => callOn(client({}), 'discover', [{ signal: 1 }])],
  ]
  for (const [said, made] of calls) {
    const error = await thrownBy(made)
    expect(error, said).toBeInstanceOf(RegistrationError)
    expect(String(error)).toContain(said)
  }
})

test('null for options that all may be left out is as if there were none', async () => {
  const none = JSON.parse('null')
  const document = clientMetadataDocument('https://app.example/client.json', { ...metadata, client_name: 'Orders' })
  expect(await generateClientKeys(none)).toMatchObject({ alg: 'ES256' })
  expect(() => clientSecretJwt('secret', none)).not.toThrow()
  expect(checkProfile(metadata, none)).toEqual([])
  expect(() => metadataDocumentHandler(document, none)).not.toThrow()
  expect(protectedResourceRequests('https://mcp.example', none)).toHaveLength(1)
})

test('a manager that nobody awaited is named where its client is handed over', async () => {
  for (const handOver of [oauth4webapi, openidClient])
    for (const given of [Promise.resolve(manager({})), undefined]) {
      const error = await thrownBy(() => Reflect.apply(handOver, undefined, [given]))
      expect(error).toMatchObject({
        code: 'invalid-request',
        message: expect.stringContaining('await a promise of one'),
      })
    }
})

test('a key that can not sign is named', async () => {
  const { privateKey } = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify'],
  )
  const context = { clientId: 'c1', server: { issuer } }
  for (const key of [
    privateKey,
    { kty: 'EC', crv: 'P-256', d: 'AA' },
    { kty: 'OKP', crv: 'X25519', d: 'AA', x: 'AA' },
  ]) {
    const error = await thrownBy(async () => privateKeyJwt({ key })(context))
    expect(error).toMatchObject({ code: 'invalid-request' })
    expect(String(error)).toContain('key: ')
  }
})

test('an abort has a code of its own, and keeps the reason of the signal', async () => {
  const server = await startScriptedServer({}, { open: true })
  const reason = { why: 'the person went on' }
  const before = new AbortController()
  before.abort(reason)
  let posts = 0
  const hanging: typeof fetch = async (address, init) => {
    if (init?.method !== 'POST') return fetch(address, init)
    posts++
    return new Promise(() => undefined)
  }
  const given = { issuer: server.issuer, fetch: hanging }
  const calls = [
    (signal: AbortSignal) => client(given).register(metadata, { signal }),
    (signal: AbortSignal) => manager({ ...given, store: memoryStore() }).ensure({ signal }),
  ]
  for (const [nth, call] of calls.entries()) {
    const left = await thrownBy(() => call(before.signal))
    expect(left).toMatchObject({ code: 'aborted', outcome: 'not-sent', cause: reason })
    const during = new AbortController()
    const error = thrownBy(() => call(during.signal))
    await expect.poll(() => posts).toBe(nth + 1)
    during.abort(reason)
    expect(await error).toMatchObject({ code: 'aborted', outcome: 'unknown', cause: reason })
  }
  await server.close()
})
