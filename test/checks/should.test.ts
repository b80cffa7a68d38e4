import { checkRequest, checkUpdate } from '@registrant/node/checks'
import { describe, expect, test } from 'vitest'

import { called, good, holds, jwks, jwks_uri, jwt, publicKey, service } from './rows.ts'

describe('what is worth knowing about a request', () => {
  const both = ['authorization_code', 'implicit']
  const native = ['http://127.0.0.1:8080/cb', 'app.example:/cb', 'https://app.example/cb']
  const statement = { software_statement: jwt({ iss: 'https://publisher.example' }) }
  const encryption = { ...publicKey, use: 'enc' }
  const named = { ...publicKey, kid: 'one' }
  const alg = { id_token_encrypted_response_alg: 'ECDH-ES' }

  holds('SHOULD', good, [
    ['R02', 'redirect_uris', statement, { ...statement, redirect_uris: [] }],
    ['R02', 'redirect_uris', { software_id: 'template' }, { software_id: 'template', redirect_uris: undefined }],
    [
      'R03',
      'grant_types',
      { grant_types: both, response_types: ['code', 'token'] },
      { response_types: ['code', 'token'] },
    ],
    ['R03', 'grant_types', {}, { grant_types: ['client_credentials'] }],
    ['R03', 'grant_types', {}, { grant_types: undefined }],
    ['R03', 'response_types', {}, { response_types: [] }],
    ['R03', 'response_types', { grant_types: both, response_types: ['code id_token'] }, { grant_types: both }],
    ['R03', 'response_types', service, { ...service, response_types: undefined }],
    ['R04', 'redirect_uris', { application_type: 'native', redirect_uris: native }, { redirect_uris: native }],
    ['R04', 'redirect_uris', {}, { redirect_uris: ['https://localhost/cb'] }],
    ['R04', 'application_type', { application_type: 'web' }, { application_type: 'browser' }],
    ['R06', 'policy_uri', { policy_uri: 'https://app.example' }, { policy_uri: 'app.example/policy' }],
    ['R12', 'token_endpoint_auth_method', {}, { token_endpoint_auth_method: undefined }],
    ['R13', 'token_endpoint_auth_signing_alg', {}, { token_endpoint_auth_signing_alg: 'ES256' }],
    ['R14t', 'tls_client_auth_subject_dn', {}, { tls_client_auth_subject_dn: 'CN=app' }],
    [
      'R15',
      'jwks',
      { jwks: { keys: [publicKey, encryption] } },
      { jwks: { keys: [publicKey, { ...publicKey, use: undefined }] } },
    ],
    ['R34', 'jwks', { jwks: { keys: [named, { ...named, kid: 'two' }] } }, { jwks: { keys: [named, named] } }],
    ['R15', 'id_token_encrypted_response_alg', { ...alg, jwks_uri }, { ...alg, jwks }],
    ['R15', 'id_token_encrypted_response_alg', { ...alg, jwks: { keys: [encryption] } }, alg],
    ['R23', 'software_statement', statement, { software_statement: jwt({}) }],
    ['R24', 'id_token_signed_response_alg', {}, { id_token_signing_alg_values_supported: ['ES256'] }],
    [
      'R27',
      'client_name#fr',
      { client_name: 'Orders', 'client_name#fr': 'Commandes' },
      { 'client_name#fr': 'Commandes' },
    ],
    ['R27', 'client_name#!', { client_name: 'Orders' }, { client_name: 'Orders', 'client_name#!': 'Commandes' }],
    ['R27', 'keywords#FR', { keywords: [], 'keywords#fr': [] }, { keywords: [], 'keywords#fr': [], 'keywords#FR': [] }],
    ['R27', 'scope#fr', {}, { scope: 'read', 'scope#fr': 'lire' }],
    ['R29', 'request_uris', { request_uris: ['https://a.example/r#hash'] }, { request_uris: ['http://a.example/r'] }],
    ['R30', 'frontchannel_logout_session_required', {}, { frontchannel_logout_session_required: true }],
    ['R30', 'backchannel_logout_session_required', {}, { backchannel_logout_session_required: true }],
    [
      'R30',
      'frontchannel_logout_uri',
      { frontchannel_logout_uri: jwks_uri },
      { frontchannel_logout_uri: 'http://a.example' },
    ],
    [
      'R30',
      'backchannel_logout_uri',
      { backchannel_logout_uri: jwks_uri },
      { backchannel_logout_uri: 'https://a.example#' },
    ],
    [
      'R30',
      'post_logout_redirect_uris',
      { post_logout_redirect_uris: native },
      { post_logout_redirect_uris: ['/bye'] },
    ],
  ])
})

describe('a request that says what it must', () => {
  test.each([
    ['an application', good],
    ['a service', service],
    ['a client of several families', { ...called, jwks_uri, client_name: 'Calls', 'client_name#fr': 'Appels' }],
  ])('nothing is found about %s', (_, request) => {
    expect(checkRequest(request)).toEqual([])
  })

  test('what never goes out is not looked at: undefined, null and the empty string', () => {
    const empty: object = { ...good, jwks_uri: '', scope: null, policy_uri: undefined, initiate_login_uri: '' }
    expect(checkRequest({ ...empty })).toEqual([])
  })

  test('the claims of a software statement count more than the members beside it (RFC 7591 section 2.3)', () => {
    const claims = { iss: 'https://publisher.example', token_endpoint_auth_method: 'private_key_jwt' }
    const findings = checkRequest({ ...good, software_statement: jwt(claims) })
    expect(findings).toMatchObject([{ rule: 'R14', member: 'jwks' }])
  })

  test('all findings come at once, and none twice', () => {
    const findings = checkRequest({ redirect_uris: ['/a', '/b'], initiate_login_uri: 'http://app.example' })
    expect(findings.map(({ rule }) => rule).toSorted()).toEqual(['R03', 'R04', 'R05', 'R06h', 'R12'])
  })
})

describe('an update is checked against what is registered (RFC 7592 section 2.2)', () => {
  const current = { ...good, client_name: 'Orders', client_id: 'c1', client_secret: 's1', client_secret_expires_at: 0 }
  const update = { ...good, client_name: 'Orders', client_id: 'c1' }
  const { client_name: _, ...nameless } = update

  test.each<[rule: string, level: 'MUST' | 'SHOULD', member: string, breaks: object]>([
    ['R05', 'MUST', 'redirect_uris', { ...update, redirect_uris: ['/cb'] }],
    ['R09', 'MUST', 'client_id_issued_at', { ...update, client_id_issued_at: 1 }],
    ['R19', 'MUST', 'client_secret', { ...update, client_secret: 'my own' }],
    ['R20', 'MUST', 'client_id', { ...update, client_id: 'c2' }],
    ['R22', 'SHOULD', 'client_name', nameless],
  ])('%s %s %s', (rule, level, member, breaks) => {
    expect(checkUpdate(update, current)).toEqual([])
    expect(checkUpdate({ ...update, client_secret: 's1' }, current)).toEqual([])
    const findings = checkUpdate({ client_id: 'c1', ...breaks }, current)
    expect(findings).toContainEqual(expect.objectContaining({ rule, member, level }))
  })
})
