import { readServer } from '@registrant/node/exchange'
import { describe, expect, test } from 'vitest'

import { answerOf, as, requestOf } from '../support/reading.ts'

const bound = 'tls_client_certificate_bound_access_tokens'

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
    ['text instead of a flag with a name of its own', { [bound]: 'true' }, { [bound]: undefined }, 1],
    [
      'text instead of the flag for metadata documents',
      { client_id_metadata_document_supported: 'false' },
      { client_id_metadata_document_supported: undefined },
      1,
    ],
    ['a text instead of a list of addresses', { protected_resources: 'a' }, { protected_resources: ['a'] }, 1],
    ...[
      { verified_claims_supported: true },
      { 'pre-authorized_grant_anonymous_access_supported': true },
      { client_id_metadata_document_supported: true },
      { device_flow_supported: 'since 3.1' },
      { require_min_age: 18 },
    ].map((said): [string, object, object, number] => [
      `${Object.keys(said)[0]}, no list or flag of ours`,
      said,
      said,
      0,
    ]),
    [
      'a list whose name says authentication',
      { backchannel_authentication_request_signing_alg_values_supported: 'ES256' },
      { backchannel_authentication_request_signing_alg_values_supported: ['ES256'] },
      1,
    ],
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
