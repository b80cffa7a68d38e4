import type { RegistrationRequest } from '@registrant/node'
import { describe } from 'vitest'

import { called, good, holds, jwks, jwks_uri, jwt, publicKey, service } from './rows.ts'

const elsewhere = 'http://app.example/there'
const iss = 'https://publisher.example'

describe('an application', () => {
  const vouched = { redirect_uris: [], software_statement: jwt({ iss, redirect_uris: ['https://app.example/cb'] }) }
  const implicit = { grant_types: ['implicit'], response_types: ['token'] }
  const hybrid = { grant_types: ['authorization_code', 'implicit'], response_types: ['code id_token'] }
  const twoHosts = { subject_type: 'pairwise', redirect_uris: ['https://a.example/cb', 'https://b.example/cb'] }
  const open = { token_endpoint_auth_method: 'none' }
  const privateKey = { ...publicKey, d: 'Aw' }

  holds('MUST', good, [
    ['R01', 'jwks_uri', { jwks }, { jwks, jwks_uri }],
    ['R01', 'jwks_uri', { jwks: { keys: [] }, jwks_uri }, { jwks, jwks_uri }],
    ['R01s', 'signed_jwks_uri', { signed_jwks_uri: jwks_uri }, { signed_jwks_uri: elsewhere }],
    ['R02', 'redirect_uris', {}, { redirect_uris: [] }],
    ['R02', 'redirect_uris', vouched, { redirect_uris: undefined, grant_types: undefined }],
    ['R04', 'redirect_uris', implicit, { ...implicit, redirect_uris: ['https://localhost/cb'] }],
    ['R04', 'redirect_uris', implicit, { ...implicit, redirect_uris: ['http://127.0.0.1/cb'] }],
    ['R05', 'redirect_uris', {}, { redirect_uris: ['/cb'] }],
    ['R05', 'redirect_uris', {}, { redirect_uris: ['https://app.example/cb#there'] }],
    [
      'R05',
      'redirect_uris',
      { redirect_uris: ['http://[::1]/cb'] },
      { ...open, redirect_uris: ['http://app.example/cb'] },
    ],
    ['R05', 'redirect_uris', { redirect_uris: ['app.example:/cb'] }, { redirect_uris: ['java\nscript:alert(1)'] }],
    [
      'R05',
      'claims_redirect_uris',
      { claims_redirect_uris: ['https://a.example'] },
      { claims_redirect_uris: ['data:,'] },
    ],
    ['R06', 'client_uri', { client_uri: 'https://app.example' }, { client_uri: 'javascript:alert(1)' }],
    ['R06', 'logo_uri', { logo_uri: 'data:image/png;base64,AA==' }, { logo_uri: 'data:text/html,image/png' }],
    [
      'R06',
      'organization_uri',
      { organization_uri: 'https://example.org' },
      { organization_uri: 'file:///etc/passwd' },
    ],
    ['R06', 'tos_uri#fr', { 'tos_uri#fr': 'https://app.example' }, { 'tos_uri#fr': 'vbscript:cgu' }],
    ['R06h', 'initiate_login_uri', { initiate_login_uri: 'https://app.example' }, { initiate_login_uri: elsewhere }],
    ['R07', 'scope', { scope: 'openid orders:read' }, { scope: 'openid  email' }],
    ['R07', 'scope', { scope: 'openid' }, { scope: ['openid', 'email'] }],
    ['R09', 'registration_access_token', {}, { registration_access_token: 'taken along' }],
    ['R09', 'registration_client_uri', {}, { registration_client_uri: 'https://as.example/register/1' }],
    ['R09', 'client_id_issued_at', {}, { client_id_issued_at: 1 }],
    ['R09', 'client_secret_expires_at', {}, { client_secret_expires_at: 0 }],
    ['R15', 'jwks', { jwks }, { jwks: { keys: [publicKey, privateKey] } }],
    ['R15', 'jwks', { jwks }, { jwks: { keys: [{ kty: 'oct' }] } }],
    ['R16', 'sector_identifier_uri', { sector_identifier_uri: jwks_uri }, twoHosts],
    ['R16', 'sector_identifier_uri', { subject_type: 'pairwise' }, { sector_identifier_uri: elsewhere }],
    ['R17', 'jwks_uri', { jwks_uri }, { jwks_uri: elsewhere }],
    ['R17', 'jwks_uri', { jwks_uri: 'http://127.0.0.1:8080/jwks' }, { jwks_uri: 'not an address' }],
    ['R18', 'id_token_signed_response_alg', hybrid, { ...hybrid, id_token_signed_response_alg: 'none' }],
    ['R19', 'client_secret', {}, { client_secret: 'my own' }],
    ['R20', 'client_id', {}, { client_id: 'my own' }],
    ['R23', 'software_statement', { software_statement: jwt({ iss }) }, { software_statement: 'vouched for' }],
    ['R23', 'software_statement', {}, { software_statement: jwt({ iss }, { alg: 'none' }) }],
    ['type', 'contacts', { contacts: ['ops@app.example'] }, { contacts: 'ops@app.example' }],
    ['type', 'default_max_age', { default_max_age: 0 }, { default_max_age: -1 }],
    ['type', 'jwks', { jwks: { keys: [] } }, { jwks: { keys: publicKey } }],
  ])
})

describe('how a client proves itself', () => {
  const by = (token_endpoint_auth_method: string): RegistrationRequest => ({ ...good, token_endpoint_auth_method })
  const san = { tls_client_auth_san_dns: 'app.example' }

  holds('MUST', { ...by('private_key_jwt'), jwks }, [
    ['R13', 'token_endpoint_auth_signing_alg', {}, { token_endpoint_auth_signing_alg: 'none' }],
    ['R13', 'token_endpoint_auth_signing_alg', {}, { token_endpoint_auth_signing_alg: 'HS256' }],
    ['R14', 'jwks', {}, { jwks: undefined }],
    ['R14', 'jwks', { jwks: undefined, jwks_uri }, { jwks: { keys: [] } }],
    ['R25', 'id_token_encrypted_response_alg', {}, { id_token_encrypted_response_alg: 'A128KW' }],
  ])
  holds('MUST', by('self_signed_tls_client_auth'), [['R14', 'jwks', { jwks }, {}]])
  holds('MUST', by('client_secret_jwt'), [
    [
      'R13',
      'token_endpoint_auth_signing_alg',
      { token_endpoint_auth_signing_alg: 'HS256' },
      { token_endpoint_auth_signing_alg: 'RS256' },
    ],
  ])
  holds('MUST', by('tls_client_auth'), [
    ['R14t', 'tls_client_auth_subject_dn', san, {}],
    ['R14t', 'tls_client_auth_san_ip', { tls_client_auth_san_ip: '::1' }, { ...san, tls_client_auth_san_ip: '::1' }],
  ])
  holds('MUST', by('none'), [
    ['R25', 'id_token_signed_response_alg', {}, { id_token_signed_response_alg: 'HS256' }],
    ['R25', 'userinfo_encrypted_response_alg', {}, { userinfo_encrypted_response_alg: 'dir' }],
  ])
})

describe('which algorithms go together, and what is offered', () => {
  const signed = { require_signed_request_object: true, request_object_signing_alg: 'ES256' }
  const subjects = { subject_types_supported: ['pairwise'] }
  const enc = 'A256GCM'

  holds('MUST', good, [
    [
      'R12e',
      'userinfo_encrypted_response_enc',
      { userinfo_encrypted_response_alg: 'dir' },
      { userinfo_encrypted_response_enc: enc },
    ],
    [
      'R12e',
      'request_object_encryption_enc',
      { request_object_encryption_alg: 'dir' },
      { request_object_encryption_enc: enc },
    ],
    ['R12e', 'id_token_encrypted_response_enc', {}, { id_token_encryption_enc_values_supported: [enc] }],
    ['R24', 'subject_type', { ...subjects, subject_type: 'pairwise' }, { ...subjects, subject_type: 'public' }],
    ['R24', 'token_endpoint_auth_methods_supported', {}, { token_endpoint_auth_methods_supported: [] }],
    ['R28', 'request_object_signing_alg', signed, { ...signed, request_object_signing_alg: 'none' }],
    ['R33', 'authorization_signed_response_alg', {}, { authorization_signed_response_alg: 'none' }],
    ['R30', 'post_logout_redirect_uris', {}, { post_logout_redirect_uris: ['javascript:alert(1)'] }],
  ])
})

describe('a client that is called when its user has answered (CIBA)', () => {
  const pairwise = { subject_type: 'pairwise' }
  const signing = 'backchannel_authentication_request_signing_alg'

  holds('MUST', called, [
    ['R32', 'backchannel_client_notification_endpoint', {}, { backchannel_client_notification_endpoint: undefined }],
    ['R32', 'backchannel_client_notification_endpoint', {}, { backchannel_client_notification_endpoint: elsewhere }],
    ['R32', 'backchannel_token_delivery_mode', {}, { backchannel_token_delivery_mode: undefined }],
    ['R32', 'backchannel_token_delivery_mode', {}, { backchannel_token_delivery_mode: 'pull' }],
    ['R32', 'grant_types', {}, { grant_types: service.grant_types }],
    ['R32', 'jwks_uri', { ...pairwise, jwks_uri }, pairwise],
    ['R32', signing, { [signing]: 'ES256' }, { [signing]: 'HS256' }],
  ])
})
