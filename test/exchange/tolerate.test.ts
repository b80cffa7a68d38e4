import { readRegistration } from '@registrant/node/exchange'
import { simpleIdServer } from '@registrant/node/profiles'
import { describe, expect, test } from 'vitest'

import { answerOf, as, reading, requestOf } from '../support/reading.ts'
import type { Row } from '../support/understood.ts'
import { client, get, known, put, secret, understood } from '../support/understood.ts'

const rows: Row[] = [
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
  [
    'no word of a method that needs a secret, and no secret',
    client({}),
    { token_endpoint_auth_method: undefined },
    ['secret-missing', 'not-echoed'],
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
]

describe('what servers do differently is understood, kept and reported', () => {
  understood(rows)

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
