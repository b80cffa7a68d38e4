import { readRegistration, readServer } from '@registrant/node/exchange'
import type { RegistrationContext } from '@registrant/node/exchange'
import { simpleIdServer } from '@registrant/node/profiles'
import { describe, expect, test } from 'vitest'

import { answerOf, as, reading, requestOf } from '../support/reading.ts'

const secret = 'a-secret-of-the-server'
const known = {
  client_id: 'c1',
  client_secret: secret,
  client_secret_expires_at: 0,
  registration_access_token: 'management-token',
  registration_client_uri: 'https://as.example/register/c1',
}

/** What a server does, what it answers, what is made of it, and the rules that are reported; `undefined` is absent. */
type Row = [
  does: string,
  answer: object | string,
  made: Record<string, unknown>,
  rules: string[],
  context?: Partial<RegistrationContext> & { status?: number },
]

const client = (members: object): object => ({ client_id: 'c1', ...members })
const sent = { redirect_uris: ['https://app.example/cb'] }
const put = { request: requestOf('PUT'), current: known }
const get = { request: requestOf('GET'), current: known }

const rows: Row[] = [
  ['200 instead of 201', client({}), { client_id: 'c1' }, ['status'], { status: 200 }],
  [
    'null in optional members',
    client({ contacts: null, grant_types: null, logo_uri: null }),
    { contacts: undefined, grant_types: undefined, logo_uri: undefined },
    ['null', 'null', 'null'],
  ],
  [
    'an empty string in optional members',
    client({ client_name: '', client_uri: '', jwks_uri: '' }),
    { client_name: undefined, client_uri: undefined, jwks_uri: undefined },
    ['empty', 'empty', 'empty'],
  ],
  ['an empty string where a list belongs', client({ contacts: '' }), { contacts: undefined }, ['empty']],
  [
    'empty lists and objects',
    client({ redirect_uris: [], jwks: {}, vp_formats_supported: {} }),
    { redirect_uris: [], jwks: {}, vp_formats_supported: {} },
    [],
  ],
  ['an empty set of keys', client({ jwks: { keys: [] } }), { jwks: { keys: [] } }, []],
  ['a list in scope', client({ scope: ['a', 'b'] }), { scope: 'a b' }, ['type']],
  ['scopes', client({ scopes: ['a', 'b'] }), { scope: 'a b', scopes: ['a', 'b'] }, ['alias', 'type']],
  ['scopes beside a scope of null', client({ scope: null, scopes: ['a'] }), { scope: 'a' }, ['alias', 'null', 'type']],
  [
    'a string instead of a list: redirect_uris',
    client({ redirect_uris: 'https://app.example/cb' }),
    { redirect_uris: ['https://app.example/cb'] },
    ['type'],
    { sent },
  ],
  [
    'a string instead of a list: contacts',
    client({ contacts: 'ops@app.example' }),
    { contacts: ['ops@app.example'] },
    ['type'],
  ],
  ['a JSON string in jwks', client({ jwks: '{"keys":[]}' }), { jwks: { keys: [] } }, ['type']],
  ['a string in jwks that is no JSON', client({ jwks: 'none' }), { jwks: undefined }, ['unreadable']],
  [
    'a time as double',
    client({ client_id_issued_at: 1700000000.75 }),
    { client_id_issued_at: 1_700_000_000 },
    ['type'],
  ],
  [
    'a time as numeric string',
    client({ client_id_issued_at: '1700000000' }),
    { client_id_issued_at: 1_700_000_000 },
    ['type'],
  ],
  [
    'a time as ISO 8601',
    client({ client_id_issued_at: '2023-11-14T22:13:20.1234567Z' }),
    { client_id_issued_at: 1_700_000_000 },
    ['type'],
  ],
  [
    'a time as ISO 8601 without a zone',
    client({ client_id_issued_at: '2023-11-14T22:13:20' }),
    { client_id_issued_at: 1_700_000_000 },
    ['type'],
  ],
  [
    'a negative time',
    client({ client_secret: secret, client_secret_expires_at: -1 }),
    { client_secret_expires_at: undefined },
    ['unreadable', 'expiry-not-stated'],
  ],
  [
    'a time that is not finite',
    '{"client_id":"c1","client_id_issued_at":1e999}',
    { client_id_issued_at: undefined },
    ['unreadable'],
  ],
  [
    'client_secret_expires_at is missing',
    client({ client_secret: secret }),
    { client_secret: secret, client_secret_expires_at: undefined },
    ['expiry-not-stated'],
  ],
  [
    'client_secret_expires_at is null',
    client({ client_secret: secret, client_secret_expires_at: null }),
    { client_secret_expires_at: undefined },
    ['null', 'expiry-not-stated'],
  ],
  [
    'client_secret_expires_at is 0: never',
    client({ client_secret: secret, client_secret_expires_at: 0 }),
    { client_secret_expires_at: 0 },
    [],
  ],
  [
    'client_secret_expires_at in the past is no never',
    client({ client_secret: secret, client_secret_expires_at: 5 }),
    { client_secret_expires_at: 5 },
    [],
  ],
  [
    'client_secret_expires_at without a secret',
    client({ client_secret_expires_at: 0 }),
    { client_secret_expires_at: undefined },
    ['expiry-without-secret'],
  ],
  [
    'client_id_expires_at instead',
    client({ client_secret: secret, client_id_expires_at: 0 }),
    { client_secret_expires_at: 0 },
    ['alias'],
  ],
  [
    'no echo of requested members',
    client({}),
    { grant_types: undefined, scope: undefined },
    ['not-echoed', 'not-echoed'],
    { sent: { grant_types: ['client_credentials'], scope: 'a' } },
  ],
  [
    'unknown members',
    client({ vendor: { deep: [null, ''] }, other: null }),
    { vendor: { deep: [null, ''] }, other: null },
    [],
  ],
  [
    'a singular name',
    client({ post_logout_redirect_uri: 'https://app.example/out' }),
    { post_logout_redirect_uris: ['https://app.example/out'] },
    ['alias', 'type'],
  ],
  [
    'a misspelt name',
    client({ tls_client_certificate_bound_access_token: false }),
    { tls_client_certificate_bound_access_tokens: false },
    ['alias'],
  ],
  ['a misspelt name beside the right one', client({ scopes: ['x'], scope: 'a' }), { scope: 'a' }, []],
  [
    "a vendor's name for a standard member",
    client({ authorization_data_types: ['t'] }),
    { authorization_details_types: ['t'] },
    ['alias', 'management-address'],
    { profile: simpleIdServer },
  ],
  [
    'a language tag on a member of the wrong type',
    client({ 'client_name#fr': null, 'client_name#de': 'Bücher' }),
    { 'client_name#fr': undefined, 'client_name#de': 'Bücher' },
    ['null'],
  ],
  [
    'no management token and no address',
    client({}),
    { registration_access_token: undefined, registration_client_uri: undefined },
    [],
  ],
  [
    'a management token without an address',
    client({ registration_access_token: 't' }),
    { registration_access_token: 't', registration_client_uri: undefined },
    ['no-management-address'],
  ],
  [
    'an address that lacks a part, and a profile that knows it',
    client({ registration_client_uri: 'https://as.example/c1' }),
    { registration_client_uri: 'https://as.example/register/c1' },
    ['management-address'],
    { profile: simpleIdServer },
  ],
  [
    'a relative management address',
    client({ registration_client_uri: '/register/c1' }),
    { registration_client_uri: 'https://as.example/register/c1' },
    [],
  ],
  [
    'a relative management address to elsewhere',
    client({ registration_client_uri: '//evil.example/c1' }),
    { registration_client_uri: undefined },
    ['management-address'],
  ],
  [
    'a rotated token and secret',
    client({ client_secret: 'new', client_secret_expires_at: 9, registration_access_token: 'new-token' }),
    {
      client_secret: 'new',
      client_secret_expires_at: 9,
      registration_access_token: 'new-token',
      registration_client_uri: known.registration_client_uri,
    },
    [],
    put,
  ],
  ['a read or an update that leaves token, address and secret out', client({}), known, [], get],
  [
    'a bad address in an update, where a good one is known',
    client({ registration_client_uri: 'https://evil.example/c1' }),
    { registration_client_uri: known.registration_client_uri },
    ['management-address'],
    put,
  ],
  [
    'an update that merges instead of replacing',
    client({ client_name: 'old', scope: 'a' }),
    { client_name: 'old' },
    ['not-removed'],
    { ...put, current: { ...known, client_name: 'old', scope: 'a' }, sent: { scope: 'a' } },
  ],
  ['the same client once more for the same metadata', client({}), { client_id: 'c1' }, ['status'], { status: 200 }],
  [
    'response types that a request may not have',
    client({ response_types: ['made up', 'code'] }),
    { response_types: ['made up', 'code'] },
    ['changed'],
    { sent: { response_types: ['code'] } },
  ],
  [
    'another value: the version',
    client({ software_version: '2' }),
    { software_version: '2' },
    ['changed'],
    { sent: { software_version: '1' } },
  ],
  [
    'another value: the method',
    client({ token_endpoint_auth_method: 'client_secret_post' }),
    { token_endpoint_auth_method: 'client_secret_post' },
    ['secret-missing', 'changed'],
    { sent: { token_endpoint_auth_method: 'client_secret_basic' } },
  ],
  ['another value: the scope', client({ scope: 'a' }), { scope: 'a' }, ['changed'], { sent: { scope: 'a b' } }],
  [
    'another value: the grants',
    client({ grant_types: ['authorization_code'] }),
    { grant_types: ['authorization_code'] },
    ['changed'],
    { sent: { grant_types: ['authorization_code', 'refresh_token'] } },
  ],
  ['a scope in another order', client({ scope: 'b  a' }), { scope: 'b  a' }, [], { sent: { scope: 'a b' } }],
  [
    'lists in another order',
    client({ grant_types: ['b', 'a'] }),
    { grant_types: ['b', 'a'] },
    [],
    { sent: { grant_types: ['a', 'b'] } },
  ],
  [
    'a redirect URI that was dropped',
    client({ redirect_uris: ['https://app.example/cb'] }),
    {},
    ['changed'],
    { sent: { redirect_uris: ['https://app.example/cb', 'https://app.example/b'] } },
  ],
  [
    'a redirect URI in normal form',
    client({ redirect_uris: ['https://app.example/'] }),
    {},
    ['changed'],
    { sent: { redirect_uris: ['https://APP.example'] } },
  ],
  [
    'a secret where none was asked',
    client({ client_secret: secret, client_secret_expires_at: 0, token_endpoint_auth_method: 'none' }),
    { client_secret: secret },
    ['secret-for-public-client'],
    { sent: { token_endpoint_auth_method: 'none' } },
  ],
  [
    'a secret method without a secret, which is held already',
    client({ token_endpoint_auth_method: 'client_secret_basic' }),
    { client_secret: secret },
    [],
    get,
  ],
  [
    'a hashed secret in a read, and a profile that knows it',
    client({ client_secret: '{bcrypt}x' }),
    { client_secret: secret },
    [],
    { ...get, profile: { name: 'hashes', readSecretIsHashed: true } },
  ],
  [
    'a management token that is the access token',
    client({
      registration_access_token: 'access-token-of-the-test',
      registration_client_uri: known.registration_client_uri,
    }),
    {},
    ['token-reused'],
  ],
  ['a boolean as string', client({ require_auth_time: 'true' }), { require_auth_time: true }, ['type']],
  ['a number as string', client({ default_max_age: '3600' }), { default_max_age: 3600 }, ['type']],
  ['a number as name', client({ client_name: 42 }), { client_name: '42' }, ['type']],
  ['an object as name', client({ client_name: { en: 'x' } }), { client_name: undefined }, ['unreadable']],
  ['numbers in a list of strings', client({ contacts: ['a', 1, null] }), { contacts: ['a'] }, ['type']],
  ['a member named twice: the last one counts', '{"client_id":"c0","client_id":"c1"}', { client_id: 'c1' }, []],
  [
    'members that reach for the prototype',
    '{"client_id":"c1","__proto__":{"x":1},"a":{"constructor":1}}',
    { a: {} },
    ['unsafe-member', 'unsafe-member'],
  ],
  [
    'bytes that were no UTF-8',
    '{"client_id":"c1","client_name":"B\uFFFDcher"}',
    { client_name: 'B\uFFFDcher' },
    ['encoding'],
  ],
  ['a byte order mark', '\uFEFF{"client_id":"c1"}', { client_id: 'c1' }, []],
]

describe('what servers do differently is understood, kept and reported', () => {
  test.for(rows)('%s', ([, answer, made, rules, context]) => {
    const { value, deviations, raw } = reading(answer, context)
    for (const [member, expected] of Object.entries(made)) {
      expect(value[member], member).toEqual(expected)
      if (expected === undefined) expect(value, member).not.toHaveProperty([member])
    }
    expect(deviations.map(({ rule }) => rule)).toEqual(rules)
    for (const { message } of deviations) expect(message).toMatch(/^\S.*[.]$/)
    // What the server said stays as it said it, but for what reaches for a prototype.
    if (!rules.includes('unsafe-member'))
      expect(raw).toEqual(
        JSON.parse(typeof answer === 'string' ? answer.replace('\uFEFF', '') : JSON.stringify(answer)),
      )
    // A deviation may be printed, so it holds no value that came.
    expect(JSON.stringify(deviations)).not.toContain(secret)
  })

  test.for(['text/html', 'text/plain; charset=utf-8', ''])('JSON that calls itself "%s"', (type) => {
    const answer = answerOf({ client_id: 'c1' }, { 'content-type': type })
    const { value, deviations } = readRegistration(answer, { request: requestOf('POST'), server: as })
    expect(value).toEqual({ client_id: 'c1' })
    expect(deviations).toMatchObject([{ rule: 'content-type' }])
  })

  test.for(['application/json', 'application/json; charset=utf-8', 'application/problem+json', 'Application/JSON'])(
    'JSON that calls itself %s is nothing odd',
    (type) => {
      const answer = answerOf({ client_id: 'c1' }, { 'content-type': type })
      expect(readRegistration(answer, { request: requestOf('POST'), server: as }).deviations).toEqual([])
    },
  )
})

test('a created client is told from one that was there', () => {
  expect(reading({ client_id: 'c1' }).created).toBe(true)
  expect(reading({ client_id: 'c1' }, { status: 200 }).created).toBe(false)
})

describe("a server's metadata has the types that it must have, or lacks the member", () => {
  test.for([
    [
      'a string instead of a list',
      { grant_types_supported: 'authorization_code' },
      { grant_types_supported: ['authorization_code'] },
      1,
    ],
    ['null instead of a list', { scopes_supported: null }, { scopes_supported: undefined }, 0],
    ['a number instead of a list', { scopes_supported: 7 }, { scopes_supported: undefined }, 1],
    ['nulls in a list', { scopes_supported: ['a', null, ''] }, { scopes_supported: ['a'] }, 1],
    ['an empty list', { scopes_supported: [] }, { scopes_supported: [] }, 0],
    [
      'a list instead of an address',
      { registration_endpoint: ['https://as.example/r'] },
      { registration_endpoint: undefined },
      1,
    ],
    ['an empty address', { token_endpoint: '' }, { token_endpoint: undefined }, 0],
    [
      'a string instead of a flag',
      { request_parameter_supported: 'yes' },
      { request_parameter_supported: undefined },
      1,
    ],
    ['a flag', { request_parameter_supported: false }, { request_parameter_supported: false }, 0],
    ['a list instead of aliases', { mtls_endpoint_aliases: [] }, { mtls_endpoint_aliases: undefined }, 1],
    ['a member that nobody knows', { vendor: [null] }, { vendor: [null] }, 0],
  ] as const)('%s', ([, members, made, deviations]) => {
    const read = readServer(answerOf({ ...as, ...members }, { status: 200 }), {
      request: requestOf('GET'),
      issuer: as.issuer,
    })
    for (const [member, expected] of Object.entries(made)) expect(read?.value[member]).toEqual(expected)
    expect(read?.deviations).toHaveLength(deviations)
  })
})
