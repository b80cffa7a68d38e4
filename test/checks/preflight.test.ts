import type { AuthorizationServer, ServerProfile } from '@registrant/node'
import { preflight } from '@registrant/node/checks'
import { keycloak, springAuthorizationServer } from '@registrant/node/profiles'
import { describe, expect, test } from 'vitest'

import known from '../data/preflight.json' with { type: 'json' }
import { ciba, good, jwt, service } from './rows.ts'

/** What a hand writes for the option `server`; what it leaves out says nothing. */
const short: AuthorizationServer = {
  issuer: 'https://as.example',
  registration_endpoint: 'https://as.example/register',
}
/** A complete document: what it leaves out, the server does not have. */
const complete: AuthorizationServer = {
  ...short,
  authorization_endpoint: 'https://as.example/authorize',
  response_types_supported: ['code', 'token id_token'],
}

/** A member of the server's metadata, what it says, what is asked for and fits, and what is not. */
type Row = [list: string, supported: string[], member: string, fits: unknown, misfits: unknown]

const signed: Row[] = ['id_token', 'userinfo', 'authorization', 'introspection', 'nfv_token'].flatMap((what): Row[] => [
  [`${what}_signing_alg_values_supported`, ['ES256'], `${what}_signed_response_alg`, 'ES256', 'RS256'],
  [`${what}_encryption_alg_values_supported`, ['dir'], `${what}_encrypted_response_alg`, 'dir', 'RSA-OAEP'],
  [`${what}_encryption_enc_values_supported`, ['A256GCM'], `${what}_encrypted_response_enc`, 'A256GCM', 'A128GCM'],
])

const refusing: Row[] = [
  ...signed,
  ['response_types_supported', ['code', 'token id_token'], 'response_types', ['id_token token'], ['token']],
  ['response_modes_supported', ['query', 'jwt'], 'response_modes', ['jwt'], ['jwt', 'form_post']],
  ['token_endpoint_auth_signing_alg_values_supported', ['ES256'], 'token_endpoint_auth_signing_alg', 'ES256', 'none'],
  ['subject_types_supported', ['public'], 'subject_type', 'public', 'pairwise'],
  ['request_object_signing_alg_values_supported', ['ES256'], 'request_object_signing_alg', 'ES256', 'none'],
  ['request_object_encryption_alg_values_supported', ['dir'], 'request_object_encryption_alg', 'dir', 'RSA1_5'],
  [
    'request_object_encryption_enc_values_supported',
    ['A128GCM'],
    'request_object_encryption_enc',
    'A128GCM',
    'A256GCM',
  ],
  ['backchannel_token_delivery_modes_supported', ['poll'], 'backchannel_token_delivery_mode', 'poll', 'push'],
  [
    'backchannel_authentication_request_signing_alg_values_supported',
    ['ES256'],
    'backchannel_authentication_request_signing_alg',
    'ES256',
    'RS256',
  ],
  ['authorization_details_types_supported', ['payment'], 'authorization_details_types', ['payment'], ['account']],
  ['client_registration_types_supported', ['explicit'], 'client_registration_types', ['explicit'], ['automatic']],
  ['scopes_supported', ['openid', 'email'], 'scope', 'email openid', 'openid orders:read'],
  ['grant_types_supported', ['client_credentials'], 'grant_types', ['client_credentials'], ['refresh_token']],
  [
    'token_endpoint_auth_methods_supported',
    ['private_key_jwt'],
    'token_endpoint_auth_method',
    'private_key_jwt',
    'none',
  ],
  ['digest_algorithms_supported', ['sha-256'], 'digest_algorithm', 'sha-256', 'sha-512'],
]

const telling: Row[] = [['acr_values_supported', ['gold'], 'default_acr_values', ['gold'], ['gold', 'silver']]]

const covered = [...refusing, ...telling].map(([list]) => list)

describe.each([
  ['PREFLIGHT', refusing],
  ['SHOULD', telling],
])('what a server does not list is a %s', (level, rows) => {
  test.each(rows)('%s', (list, supported, member, fits, misfits) => {
    const server = { ...short, [list]: supported }
    expect(preflight({ ...service, [member]: fits }, server).filter(({ rule }) => rule === list)).toEqual([])
    const found = {
      rule: list,
      member,
      level,
      message: expect.stringMatching(/\.$/),
      source: `metadata of ${short.issuer}`,
    }
    expect(preflight({ ...service, [member]: misfits }, server)).toContainEqual(found)
    expect(preflight({ ...service, [member]: misfits }, short)).toEqual([])
  })
})

describe('what a server does not have at all', () => {
  const requests = { request_object_signing_alg: 'ES256' }
  const statement = { software_statement: jwt({ iss: 'https://publisher.example' }) }
  const device = { grant_types: ['urn:ietf:params:oauth:grant-type:device_code'] }
  const attested = { token_endpoint_auth_method: 'attest_jwt_client_auth' }
  const uris = ['https://app.example/somewhere']
  const pushed = 'pushed_authorization_request_endpoint'
  const push = { require_pushed_authorization_requests: true }
  const byValue = { request_uri_parameter_supported: false }
  const noValue = { request_parameter_supported: false, require_request_uri_registration: true }

  type Feature = [rule: string, member: string, request: object, has: object, lacks: object]

  const rows = (level: 'PREFLIGHT' | 'SHOULD', features: Feature[]): void => {
    covered.push(...features.map(([rule]) => rule))
    test.each(features)(`%s: ${level}`, (rule, member, request, has, lacks) => {
      const asked = { ...service, ...request }
      expect(preflight(asked, { ...complete, ...has }).filter((finding) => finding.rule === rule)).toEqual([])
      const findings = preflight(asked, { ...complete, ...lacks })
      expect(findings).toContainEqual(expect.objectContaining({ rule, member, level }))
    })
  }

  rows('PREFLIGHT', [
    ['authorization_endpoint', 'grant_types', good, {}, { authorization_endpoint: undefined }],
    ['device_authorization_endpoint', 'grant_types', device, { device_authorization_endpoint: uris[0] }, {}],
    [pushed, 'require_pushed_authorization_requests', push, { [pushed]: uris[0] }, {}],
    [
      'mtls_endpoint_aliases',
      'use_mtls_endpoint_aliases',
      { use_mtls_endpoint_aliases: true },
      { mtls_endpoint_aliases: {} },
      {},
    ],
    [
      'tls_client_certificate_bound_access_tokens',
      'tls_client_certificate_bound_access_tokens',
      { tls_client_certificate_bound_access_tokens: true },
      { tls_client_certificate_bound_access_tokens: true },
      { tls_client_certificate_bound_access_tokens: false },
    ],
    [
      'backchannel_user_code_parameter_supported',
      'backchannel_user_code_parameter',
      { grant_types: [ciba], backchannel_user_code_parameter: true },
      { backchannel_user_code_parameter_supported: true },
      {},
    ],
    [
      'request_uri_parameter_supported',
      'request_uris',
      { request_uris: uris },
      {},
      { request_uri_parameter_supported: false },
    ],
    ['require_request_uri_registration', 'request_uris', requests, { require_request_uri_registration: true }, noValue],
    [
      'require_signed_request_object',
      'request_object_signing_alg',
      { request_object_signing_alg: 'none' },
      {},
      { require_signed_request_object: true },
    ],
    [
      'registration_endpoint_jwt_signing_alg_values_supported',
      'software_statement',
      statement,
      { registration_endpoint_jwt_signing_alg_values_supported: ['ES256'] },
      { registration_endpoint_jwt_signing_alg_values_supported: ['RS256'] },
    ],
    ...['signing_alg_values', 'pop_signing_alg_values', 'pop_methods'].map((what): Feature => {
      const list = `client_attestation_${what}_supported`
      return [list, 'token_endpoint_auth_method', attested, { [list]: ['ES256'] }, { [list]: [] }]
    }),
  ])

  rows('SHOULD', [
    ['code_challenge_methods_supported', 'grant_types', good, {}, { code_challenge_methods_supported: ['plain'] }],
    [
      'require_pushed_authorization_requests',
      'require_pushed_authorization_requests',
      good,
      {},
      { require_pushed_authorization_requests: true },
    ],
    [
      'request_parameter_supported',
      'request_object_signing_alg',
      requests,
      { request_parameter_supported: true },
      byValue,
    ],
    [
      'end_session_endpoint',
      'post_logout_redirect_uris',
      { post_logout_redirect_uris: uris },
      { end_session_endpoint: uris[0] },
      {},
    ],
    [
      'dpop_signing_alg_values_supported',
      'dpop_bound_access_tokens',
      { dpop_bound_access_tokens: true },
      { dpop_signing_alg_values_supported: ['ES256'] },
      { dpop_signing_alg_values_supported: [] },
    ],
    ...['frontchannel', 'backchannel'].flatMap((channel): Feature[] => [
      [
        `${channel}_logout_supported`,
        `${channel}_logout_uri`,
        { [`${channel}_logout_uri`]: uris[0] },
        { [`${channel}_logout_supported`]: true },
        {},
      ],
      [
        `${channel}_logout_session_supported`,
        `${channel}_logout_session_required`,
        { [`${channel}_logout_session_required`]: true },
        { [`${channel}_logout_session_supported`]: true },
        { [`${channel}_logout_session_supported`]: false },
      ],
    ]),
  ])

  test('says nothing where the metadata is not a complete document', () => {
    const everything = {
      ...good,
      ...push,
      ...requests,
      post_logout_redirect_uris: uris,
      dpop_bound_access_tokens: true,
    }
    expect(preflight(everything, short)).toEqual([])
  })
})

describe('choices (RP Metadata Choices 1.0)', () => {
  const choices = { ...good, id_token_signing_alg_values_supported: ['ES384', 'ES256'] }

  test('fit when the server knows one of them', () => {
    expect(preflight(choices, { ...complete, id_token_signing_alg_values_supported: ['RS256', 'ES256'] })).toEqual([])
  })

  test('do not when it knows none', () => {
    const rule = 'id_token_signing_alg_values_supported'
    const findings = preflight(choices, { ...complete, [rule]: ['RS256'] })
    expect(findings).toMatchObject([{ rule, member: rule, level: 'PREFLIGHT' }])
  })
})

test('each member of a server that speaks of a client has a row here', () => {
  expect(covered.toSorted()).toEqual(known.toSorted())
})

test.each<Partial<AuthorizationServer>>([
  { request_uri_parameter_supported: true },
  { pushed_authorization_request_endpoint: 'https://as.example/par' },
  { require_signed_request_object: true },
])('request objects that come otherwise than by value need no request_parameter_supported: %o', (taken) => {
  const server = { issuer: 'https://as.example', response_types_supported: ['code'] }
  const byValue = { ...server, request_uri_parameter_supported: false }
  const request = { request_object_signing_alg: 'RS256' }
  const rules = (metadata: AuthorizationServer): string[] => preflight(request, metadata).map(({ rule }) => rule)
  expect(rules(byValue)).toContain('request_parameter_supported')
  expect(rules({ ...byValue, ...taken })).not.toContain('request_parameter_supported')
  expect(rules({ ...server, request_parameter_supported: false })).not.toContain('request_parameter_supported')
})

describe('a list of methods that is silent about none', () => {
  const rule = 'token_endpoint_auth_methods_supported'
  const server = { ...short, [rule]: ['client_secret_basic'] }
  const rules = (method: string, profile?: ServerProfile): string[] =>
    preflight({ ...good, token_endpoint_auth_method: method }, server, profile).map((finding) => finding.rule)

  test('says nothing where the profile takes it', () => {
    expect(rules('none', keycloak)).toEqual([])
    expect(rules('private_key_jwt', keycloak)).toEqual([rule])
  })

  test.each([
    ['no profile is there', undefined],
    ['the profile does not say what the server takes', { name: 'In-house server' }],
    ['the server makes another method of it', springAuthorizationServer],
  ])('counts where %s', (_, profile) => {
    expect(rules('none', profile)).toEqual([rule])
  })
})
