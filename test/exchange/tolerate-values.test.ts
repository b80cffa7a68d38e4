import { simpleIdServer } from '@registrant/node/profiles'
import { describe } from 'vitest'

import type { Row } from '../support/understood.ts'
import { client, get, secret, understood } from '../support/understood.ts'

const sent = { redirect_uris: ['https://app.example/cb'] }

const rows: Row[] = [
  ['200 instead of 201', client({}), { client_id: 'c1' }, ['status'], { status: 200 }],
  [
    'null in optional members',
    client({ contacts: null, grant_types: null, logo_uri: null }),
    { contacts: undefined, grant_types: undefined, logo_uri: undefined },
    ['null'],
  ],
  [
    'an empty string in optional members',
    client({ client_name: '', client_uri: '', jwks_uri: '' }),
    { client_name: undefined, client_uri: undefined, jwks_uri: undefined },
    ['empty'],
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
    'the last instant of the year 9999, as .NET writes never',
    client({ client_secret: secret, client_secret_expires_at: '9999-12-31T23:59:59.9999999' }),
    { client_secret_expires_at: 253_402_300_799 },
    ['type'],
  ],
  [
    'that instant west of Greenwich',
    client({ client_secret: secret, client_secret_expires_at: '9999-12-31T23:59:59-05:00' }),
    { client_secret_expires_at: 253_402_300_799 },
    ['type'],
  ],
  [
    'that instant as a number with a fraction',
    client({ client_secret: secret, client_secret_expires_at: 253_402_300_799.999 }),
    { client_secret_expires_at: 253_402_300_799 },
    ['type'],
  ],
  [
    'a time in milliseconds',
    client({ client_secret: secret, client_secret_expires_at: 1_900_000_000_500 }),
    { client_secret_expires_at: 1_900_000_000 },
    ['type'],
  ],
  [
    'a time in milliseconds, as string',
    client({ client_id_issued_at: '1700000000000' }),
    { client_id_issued_at: 1_700_000_000 },
    ['type'],
  ],
  [
    'the last second of the year 9999',
    client({ client_secret: secret, client_secret_expires_at: 253_402_300_799 }),
    { client_secret_expires_at: 253_402_300_799 },
    [],
  ],
  [
    'a time that nobody will see, as a word for never',
    client({ client_secret: secret, client_secret_expires_at: Number.MAX_SAFE_INTEGER }),
    { client_secret_expires_at: undefined },
    ['unreadable', 'expiry-not-stated'],
  ],
  [
    'a negative time',
    client({ client_secret: secret, client_secret_expires_at: -1 }),
    { client_secret_expires_at: undefined },
    ['unreadable', 'expiry-not-stated'],
  ],
  ['a secret that says nothing', client({ client_secret: false }), { client_secret: undefined }, ['unreadable']],
  [
    'a number as management address',
    client({ registration_client_uri: 0.5 }),
    { registration_client_uri: undefined },
    ['unreadable'],
  ],
  ['an empty list as secret', client({ client_secret: [] }), { client_secret: undefined }, ['unreadable']],
  [
    'a secret that is an object, in a read',
    client({ client_secret: { hash: 'abc' }, client_secret_expires_at: 0 }),
    { client_secret: secret },
    ['unreadable'],
    get,
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
    ['unsafe-member'],
  ],
  [
    'bytes that were no UTF-8',
    '{"client_id":"c1","client_name":"B\uFFFDcher"}',
    { client_name: 'B\uFFFDcher' },
    ['encoding'],
  ],
  ['a byte order mark', '\uFEFF{"client_id":"c1"}', { client_id: 'c1' }, []],
]

describe('a value of another type, under another name or in an odd place is understood, kept and reported', () => {
  understood(rows)
})
