import { json } from './answer.ts'
import type { Answer } from './answer.ts'
import type { Host, Incoming } from './host.ts'
import {
  authenticationMethods,
  encryptionAlgorithms,
  encryptions,
  grantTypes,
  signatureAlgorithms,
} from './vocabulary.ts'

/** `/.well-known/oauth-authorization-server` */
export function authorizationServer({ issuer, realm }: Incoming, { version, realms, scopes }: Host): Answer {
  return json(200, basics(issuer, scopesOf(realm, version === 'rc1' || realms, scopes), version))
}

/** `/.well-known/openid-configuration`: the same and more. */
export function openidConfiguration({ issuer, realm }: Incoming, { version, realms, scopes }: Host): Answer {
  const contexts = version === 'rc1' ? ['sid-load-01', 'urn:mace:incommon:iap:silver'] : ['console']
  const claims = scopes.flatMap(({ mappers }) => mappers.map(({ target_claim_path }) => target_claim_path))
  return json(200, {
    ...basics(issuer, scopesOf(realm, version === 'rc1' || realms, scopes), version),
    userinfo_endpoint: `${issuer}/userinfo`,
    device_authorization_endpoint: `${issuer}/device_authorization`,
    check_session_iframe: `${issuer}/check_session`,
    end_session_endpoint: `${issuer}/end_session`,
    backchannel_authentication_endpoint: `${issuer}/bc-authorize`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    ...algorithms('request_object_signing', 'request_object_encryption'),
    subject_types_supported: ['pairwise', 'public'],
    acr_values_supported: realms && realm === 'master' ? contexts : [],
    ...algorithms('id_token_signing', 'id_token_encryption'),
    ...algorithms('userinfo_signing', 'userinfo_encryption'),
    claims_supported: realms && realm === 'master' ? claims : [],
    claims_parameter_supported: true,
    backchannel_token_delivery_modes_supported: version === 'rc1' ? ['ping', 'poll', 'push'] : ['poll', 'ping', 'push'],
    backchannel_authentication_request_signing_alg_values_supported: signatureAlgorithms,
    backchannel_user_code_parameter_supported: false,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    grant_management_action_required: false,
    grant_management_endpoint: `${issuer}/grants`,
    grant_management_actions_supported: ['create', 'merge', 'replace'],
    ...algorithms('authorization_signing', 'authorization_encryption'),
    require_pushed_authorization_requests: false,
    authorization_details_supported: true,
    dpop_signing_alg_values_supported: signatureAlgorithms,
  })
}

/** The keys that access tokens are signed with. */
export const jwks = (_: Incoming, { keys }: Host): Answer => json(200, { keys: [keys.jwk] })

function basics(issuer: string, scopes: string[], version: Host['version']): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorization`,
    registration_endpoint: `${issuer}/register`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/token/revoke`,
    jwks_uri: `${issuer}/jwks`,
    introspection_endpoint: `${issuer}/token_info`,
    tls_client_certificate_bound_access_tokens: true,
    scopes_supported: scopes,
    // The combined ones can be asked for and never be registered.
    response_types_supported: [
      'code',
      'code id_token',
      'code id_token token',
      'code token',
      'id_token',
      'id_token token',
    ],
    response_modes_supported: ['query', 'fragment', 'form_post', 'form_post.jwt', 'query.jwt', 'fragment.jwt', 'jwt'],
    grant_types_supported: grantTypes(version),
    token_endpoint_auth_methods_supported: authenticationMethods(version),
    token_endpoint_auth_signing_alg_values_supported: signatureAlgorithms,
  }
}

function algorithms(signing: string, encryption: string): object {
  return {
    [`${signing}_alg_values_supported`]: signatureAlgorithms,
    [`${encryption}_alg_values_supported`]: encryptionAlgorithms,
    [`${encryption}_enc_values_supported`]: encryptions,
  }
}

function scopesOf(realm: string, listed: boolean, scopes: Host['scopes']): string[] {
  return listed && realm === 'master' ? scopes.map(({ name }) => name) : []
}
