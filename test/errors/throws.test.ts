import { clientCredentials, InvalidRequestError, RegistrationClient, RegistrationError } from '@registrant/node'
import type { ClientOptions, RegistrationResponse } from '@registrant/node'
import * as exchange from '@registrant/node/exchange'
import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer, Scripts } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { documentedThrows } from '../support/documented.ts'
import { answerOf, as, requestOf } from '../support/reading.ts'

const cb = 'https://app.example/cb'
/** A statement that a request may carry. */
const statement = 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIn0.c2ln'
const circle: { redirect_uris: string[]; circle?: unknown } = { redirect_uris: [cb] }
circle.circle = circle

/** What an error says of itself beside its class: its rule, its code where that differs, or its outcome. */
const wordOf = (error: RegistrationError): string =>
  'rule' in error ? String(error.rule) : error.name === 'NotSupportedError' ? error.code : error.outcome

async function thrownBy(call: () => unknown): Promise<string> {
  const error: unknown = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (reason: unknown) => reason,
    )
  return error instanceof RegistrationError ? `${error.name} ${wordOf(error)}` : String(error)
}

/** Holds a docstring to what its function throws when it is provoked: each of the two has what the other has. */
async function hold(name: string, file: string, provocations: (() => unknown)[]): Promise<void> {
  const thrown = new Set(await Promise.all(provocations.map(thrownBy)))
  const documented = documentedThrows(name, file)
  expect(documented.size).toBeGreaterThan(0)
  // The outcome of these two is in their description, or follows from the status.
  const words = (type: string): string[] => [...(documented.get(type) ?? [])]
  for (const type of documented.keys())
    expect(
      [...thrown].map((each) => each.split(' ')[0]),
      `${name} throws ${type}`,
    ).toContain(type)
  for (const type of ['PolicyError', 'NotSupportedError', 'TransportError']) {
    const provoked = [...thrown].filter((each) => each.startsWith(type)).map((each) => each.split(' ')[1])
    expect(new Set(words(type)), `${name} throws ${type}`).toEqual(new Set(provoked))
  }
  for (const each of thrown) expect([...documented.keys()], `${name} threw ${each}`).toContain(each.split(' ')[0])
}

/** One call of a client that meets a server like this. */
type Meeting = (
  call: (client: RegistrationClient, current: RegistrationResponse) => Promise<unknown>,
  server: { scripts?: Scripts; metadata?: Record<string, unknown>; closed?: boolean },
  with_?: { options?: Partial<ClientOptions>; current?: object },
) => () => Promise<unknown>

const meeting: Meeting =
  (call, { scripts = {}, metadata = {}, closed = false }, { options = {}, current = {} } = {}) =>
  async () => {
    const server: ScriptedServer = await startScriptedServer(scripts, { open: true, metadata })
    const client = new RegistrationClient(Object.assign({ issuer: server.issuer, timeout: 10_000 }, options))
    const known = {
      client_id: 'c',
      client_name: 'Orders',
      redirect_uris: [cb],
      registration_access_token: 'management-token',
      registration_client_uri: `${server.url}/register/c`,
    }
    if (closed) await server.close()
    try {
      return await call(client, { ...known, ...current })
    } finally {
      await server.close()
    }
  }

const redirect = { status: 302, headers: { location: '/x' } }
const lost = { lost: 'before' } as const
const client = { client_id: 'c' }

/** What discovery may fail with, in whatever call. */
const discovering = (call: Parameters<Meeting>[0]): (() => Promise<unknown>)[] => [
  meeting(call, { scripts: { discovery: { status: 404 } } }),
  meeting(call, { closed: true }),
  meeting(call, { scripts: { discovery: redirect } }),
  meeting(call, { scripts: { discovery: { status: 503, headers: { 'retry-after': '3600' } } } }),
  meeting(call, { metadata: { issuer: 'https://evil.example' } }),
  meeting(call, {}, { options: { issuer: 'http://as.example' } }),
  meeting(call, {}, { options: { issuer: 'https://as.example?tenant=7' } }),
]

describe('a method throws what its docstring says, each of it, and nothing else', () => {
  test('discover', async () => {
    await hold(
      'discover',
      'client/client',
      discovering((it) => it.discover()),
    )
  })

  test('register', async () => {
    const metadata = {
      redirect_uris: [cb],
      token_endpoint_auth_method: 'client_secret_basic',
      software_statement: statement,
    }
    const call: Parameters<Meeting>[0] = (it) => it.register(metadata)
    const answered = (body: object): (() => Promise<unknown>) =>
      meeting(call, { scripts: { register: { status: 201, body } } })
    const accessToken = clientCredentials({ clientId: 'registerClient', clientSecret: 'password' })
    await hold('register', 'client/client', [
      ...discovering(call),
      meeting((it) => it.register(circle), {}),
      meeting(call, { scripts: { register: { status: 400 } } }),
      meeting(call, { scripts: { register: lost } }),
      meeting(call, { scripts: { token: { body: {} } } }, { options: { accessToken } }),
      meeting(call, { metadata: { token_endpoint: undefined } }, { options: { accessToken } }),
      answered({}),
      answered({ ...client, redirect_uris: [cb, `${cb}2`] }),
      answered({ ...client, token_endpoint_auth_method: 'none' }),
      answered({ ...client, software_statement: 'e30.e30.b' }),
    ])
  })

  const managing = (
    call: Parameters<Meeting>[0],
    operation: 'read' | 'update' | 'delete',
  ): (() => Promise<unknown>)[] => [
    ...discovering(call),
    meeting(call, {}, { current: { registration_access_token: undefined } }),
    meeting(call, {}, { current: { registration_client_uri: 'https://evil.example/c' } }),
    meeting(call, {}, { options: { profile: { name: 'x', cannot: { [operation]: 'It cannot.' } } } }),
    meeting(call, { scripts: { [operation]: { status: 401 } } }),
    meeting(call, { scripts: { [operation]: lost } }),
    meeting(call, { scripts: { [operation]: redirect } }),
  ]

  test('read', async () => {
    const call: Parameters<Meeting>[0] = (it, current) => it.read(current)
    await hold('read', 'client/client', [
      ...managing(call, 'read'),
      meeting(call, { scripts: { read: { body: {} } } }),
      meeting(call, { scripts: { read: { body: { client_id: 'other' } } } }),
    ])
  })

  test('update', async () => {
    const current = {
      redirect_uris: [cb],
      token_endpoint_auth_method: 'client_secret_basic',
      software_statement: statement,
    }
    const call: Parameters<Meeting>[0] = (it, known) => it.update(known, {})
    const answered = (body: object): (() => Promise<unknown>) =>
      meeting(call, { scripts: { update: { body } } }, { current })
    await hold('update', 'client/client', [
      ...managing(call, 'update'),
      meeting(
        (it, known) => it.update(known, { ...Object(circle) }),
        {},
        { options: { profile: { name: 'x', accepts: ['circle'] } } },
      ),
      answered({}),
      answered({ client_id: 'other' }),
      answered({ ...client, redirect_uris: [cb, `${cb}2`] }),
      answered({ ...client, token_endpoint_auth_method: 'none' }),
      answered({ ...client, software_statement: 'e30.e30.b' }),
    ])
  })

  test('delete', async () => {
    const call: Parameters<Meeting>[0] = (it, current) => it.delete(current)
    const page = {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<!doctype html><title>Sign in</title>',
    }
    await hold('delete', 'client/client', [...managing(call, 'delete'), meeting(call, { scripts: { delete: page } })])
  })

  test('the constructor', () => {
    for (const options of [{ issuer: 'x' }, { issuer: 'https://as.example', timeout: -1 }])
      expect(() => new RegistrationClient(options)).toThrow(InvalidRequestError)
  })
})

describe('an exchange throws what its docstring says, each of it, and nothing else', () => {
  const managed = { ...client, registration_access_token: 't', registration_client_uri: 'https://as.example/c' }
  const profile = { name: 'x', cannot: { read: 'No.', update: 'No.', delete: 'No.' } }
  const evil = { ...managed, registration_client_uri: 'https://evil.example/c' }
  const token = { ...as, token_endpoint: 'https://as.example/token' }

  test.for([
    [
      'registrationRequest',
      'exchange/registration',
      [
        () => exchange.registrationRequest(as, circle),
        () => exchange.registrationRequest({ issuer: as.issuer }, {}),
        () => exchange.registrationRequest({ ...as, registration_endpoint: 'http://as.example' }, {}),
      ],
    ],
    [
      'configurationRequest',
      'exchange/management',
      [
        () => exchange.configurationRequest(as, client),
        () => exchange.configurationRequest(as, managed, { profile }),
        () => exchange.configurationRequest(as, evil),
      ],
    ],
    [
      'deletionRequest',
      'exchange/management',
      [
        () => exchange.deletionRequest(as, client),
        () => exchange.deletionRequest(as, managed, { profile }),
        () => exchange.deletionRequest(as, evil),
      ],
    ],
    [
      'updateRequest',
      'exchange/management',
      [
        () => exchange.updateRequest(as, managed, circle),
        () => exchange.updateRequest(as, client, {}),
        () => exchange.updateRequest(as, managed, {}, { profile }),
        () => exchange.updateRequest(as, evil, {}),
      ],
    ],
    [
      'readDeletion',
      'exchange/management',
      [
        () => exchange.readDeletion(answerOf('', { status: 401 }), { request: requestOf('DELETE') }),
        () => exchange.readDeletion(answerOf('', { status: 100 }), { request: requestOf('DELETE') }),
        () => exchange.readDeletion(answerOf('', { status: 302 }), { request: requestOf('DELETE') }),
      ],
    ],
    [
      'discoveryRequests',
      'exchange/discovery',
      [
        () => exchange.discoveryRequests('http://as.example'),
        () => exchange.discoveryRequests('https://as.example?a=b'),
      ],
    ],
    [
      'readServer',
      'exchange/discovery',
      [
        () =>
          exchange.readServer(answerOf({ issuer: 'https://evil.example' }, { status: 200 }), {
            request: requestOf('GET'),
            issuer: as.issuer,
          }),
      ],
    ],
    [
      'readRegistration',
      'exchange/response',
      [
        ...[400, 201, 302].map(
          (status) => () =>
            exchange.readRegistration(answerOf('', { status }), { request: requestOf('POST'), server: as }),
        ),
        () =>
          exchange.readRegistration(answerOf({ client_id: 'd' }), {
            request: requestOf('PUT'),
            server: as,
            current: client,
          }),
        ...[{ redirect_uris: [cb] }, { token_endpoint_auth_method: 'none' }, { software_statement: 'a.b.c' }].map(
          (members) => () =>
            exchange.readRegistration(answerOf({ ...client, ...members }), {
              request: requestOf('POST'),
              server: as,
              sent: { redirect_uris: [], token_endpoint_auth_method: 'private_key_jwt', software_statement: 'a.b.d' },
            }),
        ),
      ],
    ],
    [
      'tokenRequest',
      'exchange/token',
      [
        () => exchange.tokenRequest(as, {}),
        () => exchange.tokenRequest({ ...as, token_endpoint: 'http://as.example' }, {}),
      ],
    ],
    [
      'readToken',
      'exchange/token',
      [400, 200, 302].map(
        (status) => () => exchange.readToken(answerOf('{}', { status }), { request: exchange.tokenRequest(token, {}) }),
      ),
    ],
  ] satisfies [string, string, (() => unknown)[]][])('%s', async ([name, file, provocations]) => {
    await hold(name, file, provocations)
  })
})
