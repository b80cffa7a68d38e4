import { InvalidRequestError, RegistrationClient } from '@registrant/node'
import type { RegistrationEvent, ServerProfile } from '@registrant/node'
import { checkProfile, checkServerProfile } from '@registrant/node/checks'
import { glewlwyd, hydra, keycloak, simpleIdServer, springAuthorizationServer } from '@registrant/node/profiles'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { good } from '../checks/rows.ts'
import head from '../data/simple-id-server/response-head.json' with { type: 'json' }
import page from '../data/simple-id-server/response-page.json' with { type: 'json' }
import rc1 from '../data/simple-id-server/response-rc1.json' with { type: 'json' }
import { compile } from '../support/compile.ts'
import { failure } from '../support/failure.ts'
import { reading, requestOf } from '../support/reading.ts'

const profiles = { glewlwyd, hydra, keycloak, simpleIdServer, springAuthorizationServer }
const found = (request: object, profile: ServerProfile): string[] =>
  checkProfile(request, profile).map(({ member, rule, level }) => `${member} ${rule} ${level}`)

describe('what a profile says of a member', () => {
  test.each<[profile: keyof typeof profiles, request: object, findings: string[]]>([
    ['keycloak', { backchannel_logout_revoke_offline_tokens: true }, []],
    ['keycloak', { resource: 'https://api.example' }, ['resource not-accepted MUST']],
    [
      'keycloak',
      { application_type: 'web', scope: 'orders' },
      ['application_type warned SHOULD', 'scope warned SHOULD'],
    ],
    ['hydra', { audience: ['https://api.example'], owner: 'orders' }, []],
    ['hydra', { skip_consent: true }, ['skip_consent refused MUST']],
    ['hydra', { client_credentials_grant_access_token_lifespan: '1h' }, []],
    ['keycloak', { dpop_bound_access_tokens: true }, []],
    ['keycloak', { 'client_name#fr': 'Commandes' }, ['client_name#fr not-accepted MUST']],
    ['simpleIdServer', { 'client_uri#fr': 'https://a.example' }, ['client_uri#fr warned SHOULD']],
    [
      'springAuthorizationServer',
      { token_endpoint_auth_method: 'tls_client_auth' },
      ['token_endpoint_auth_method warned SHOULD'],
    ],
    ['springAuthorizationServer', { jwks_uri: 'https://app.example/jwks' }, []],
    ['springAuthorizationServer', { jwks: { keys: [] } }, ['jwks not-accepted SHOULD']],
    ['springAuthorizationServer', { scope: 'orders' }, ['scope warned SHOULD']],
    ['glewlwyd', { client_confidential: true, post_logout_redirect_uri: 'https://app.example/bye' }, []],
    ['glewlwyd', { subject_type: 'pairwise' }, ['subject_type not-accepted SHOULD']],
    ['simpleIdServer', { token_signed_response_alg: 'ES256', authorization_details_types: ['payment'] }, []],
    [
      'simpleIdServer',
      { software_id: 'orders', contacts: [] },
      ['software_id not-accepted SHOULD', 'contacts not-accepted MUST'],
    ],
    ['simpleIdServer', { scope: 'a', 'scope#': 'b' }, ['scope# name-twice MUST']],
    [
      'simpleIdServer',
      { authorization_data_types: ['a'], authorization_details_types: ['b'] },
      ['authorization_details_types name-twice MUST'],
    ],
  ])('%s: %j', (name, request, findings) => {
    expect(found(request, profiles[name])).toEqual(findings)
  })

  test('is a reason to refuse before anything is sent', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer, profile: keycloak })
    // What somebody without types might send.
    const metadata = { ...good, resource: 'https://api.example' }
    const error = await failure(client.register(metadata))
    expect(error).toBeInstanceOf(InvalidRequestError)
    expect(error).toMatchObject({ findings: [{ member: 'resource', level: 'MUST', source: 'Keycloak' }] })
    expect(server.requestsTo('register')).toEqual([])
  })

  test('is told as an event where the server ignores the member', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const events: RegistrationEvent[] = []
    const onEvent = (event: RegistrationEvent): void => void events.push(event)
    const client = new RegistrationClient({ issuer: server.issuer, profile: hydra, onEvent })
    await client.register({ ...good, software_id: 'orders', audience: ['https://api.example'] })
    expect(JSON.parse(server.requestsTo('register')[0]?.body ?? '')).toHaveProperty('audience', ['https://api.example'])
    expect(events).toContainEqual(
      expect.objectContaining({ finding: expect.objectContaining({ member: 'software_id', source: 'Ory Hydra' }) }),
    )
  })
})

describe("a server's own members", () => {
  test('are sent back in an update where the server takes them', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer, profile: hydra })
    const registered = await client.register({ ...good, audience: ['https://api.example'] })
    await client.update({ ...registered, skip_consent: false, metadata: null }, { client_name: 'Orders' })
    const sent: unknown = JSON.parse(server.requestsTo('update')[0]?.body ?? '')
    expect(sent).toMatchObject({ client_name: 'Orders', audience: ['https://api.example'] })
    expect(sent).not.toHaveProperty('skip_consent')
    expect(sent).not.toHaveProperty('metadata')
  })
})

describe('Spring Authorization Server', () => {
  const current = { client_id: 'c1', client_secret: 'held', registration_access_token: 't1' }

  test('answers a read with the hash of the secret: the one that is held stays', () => {
    const answer = { client_id: 'c1', client_secret: '{bcrypt}$2a$10$hash' }
    const context = { request: requestOf('GET'), current, profile: springAuthorizationServer }
    expect(reading(answer, context).value.client_secret).toBe('held')
  })

  test.each(['update', 'delete'] as const)('has no %s: nothing is sent', async (operation) => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer, profile: springAuthorizationServer })
    const managed = { ...current, registration_client_uri: `${server.issuer}/register/c1` }
    const call = operation === 'update' ? client.update(managed, {}) : client.delete(managed)
    expect(await failure(call)).toMatchObject({ code: 'unsupported', outcome: 'not-sent' })
    expect(server.requestsTo(operation)).toEqual([])
  })
})

test('a profile never names a member twice, and warns only of members that it accepts', () => {
  for (const { name, accepts = [], warns = {} } of Object.values<ServerProfile>(profiles)) {
    expect(new Set(accepts).size, name).toBe(accepts.length)
    expect(accepts).toEqual(expect.arrayContaining(Object.keys(warns).map((key) => key.split('=')[0])))
  }
})

test("every member that SimpleIdServer was seen to answer with has a type: the standard's, or its profile's", () => {
  const seen = new Set([...Object.keys(page), ...Object.keys(rc1), ...Object.keys(head)])
  const program = `
    import type { RegistrationResponse } from '@registrant/core'
    import type { SimpleIdServerResponse } from '@registrant/core/profiles'
    type Known<T> = keyof { [M in keyof T as string extends M ? never : M]: 1 }
    export const seen: (Known<RegistrationResponse> | keyof SimpleIdServerResponse)[] = ${JSON.stringify([...seen])}
  `
  expect(seen.size).toBeGreaterThan(60)
  expect(compile(program).errors).toEqual([])
})

test("a member is refused, and warned of, under the standard's name and under the server's own", () => {
  const request = { client_name: 'orders' }
  const own = { name: 'in-house', aliases: { client_name: 'clientLabel' } }
  for (const name of ['client_name', 'clientLabel', 'client_name=orders', 'clientLabel=orders']) {
    expect(found(request, { ...own, refuses: { [name]: 'no' } })).toEqual(['client_name refused MUST'])
    expect(found(request, { ...own, warns: { [name]: 'no' } })).toEqual(['client_name warned SHOULD'])
  }
})

test('a table in a profile of your own is an object: a map has methods where members are looked for', () => {
  const cannot = new Map([['read', 'It has none']])
  expect(Reflect.apply(checkServerProfile, undefined, [{ name: 'mine', cannot }])).toMatchObject([
    { member: 'profile.cannot', level: 'MUST' },
  ])
  expect(checkServerProfile({ name: 'mine', cannot: { read: 'It has none' } })).toEqual([])
})

test.each<[member: string, wrong: unknown[], right: unknown[]]>([
  [
    'advice',
    [
      [{ status: Number.NaN, message: 'no' }],
      [{ status: 400, message: 'no', operation: 'registration' }],
      [{ status: 400, message: 'no', error: 400 }],
    ],
    [[], [{ status: 400, message: 'no' }], [{ status: 400, message: 'no', operation: 'register', error: 'invalid' }]],
  ],
  ['cannot', [{ register: 'It takes none' }, { read: 1 }], [{}, { read: 'It has none', delete: 'nor this' }]],
  ['registrationEndpoint', ['https://as.example/{issuer}'], ['{issuer}/register']],
  [
    'managementUri',
    ['javascript:{client_id}', 'as.example:{client_id}'],
    ['{registration_endpoint}?id={client_id}', 'https://as.example/clients/{client_id}'],
  ],
])('a profile of your own is told of a member %s that can come to nothing', (member, wrong, right) => {
  const check = (value: unknown): unknown =>
    Reflect.apply(checkServerProfile, undefined, [{ name: 'mine', [member]: value }])
  for (const value of wrong) expect(check(value)).toMatchObject([{ member: `profile.${member}`, level: 'MUST' }])
  for (const value of right) expect(check(value)).toEqual([])
})
