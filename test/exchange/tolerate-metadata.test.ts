import { readServer } from '@registrant/node/exchange'
import { describe, expect, test } from 'vitest'

import { answerOf, as, requestOf } from '../support/reading.ts'

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
    ...['code_challenge_methods_supported', 'token_endpoint_auth_methods_supported'].map(
      (member): [string, object, object, number] => [
        `an object instead of a list: ${member}`,
        { [member]: { S256: true } },
        { [member]: undefined },
        1,
      ],
    ),
    [
      'an object where one may stand',
      { vp_formats_supported: { jwt_vp: {} } },
      { vp_formats_supported: { jwt_vp: {} } },
      0,
    ],
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
