import type { ServerProfile } from './server-profile.ts'

const cannot = (what: string): string =>
  `Community Solid Server can't ${what} a client: its provider has management switched off. Nothing was sent; register another client instead.`

/**
 * Community Solid Server; seen at 7.2.0 (run, its file configuration). It is an oidc-provider of the 8 line with the
 * features that Solid needs, and nothing else.
 *
 * It answers its metadata at the place of OpenID Connect alone, and signs ID tokens with ES256 and nothing else.
 */
export const communitySolidServer: ServerProfile = {
  name: 'Community Solid Server',
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris grant_types response_types response_modes token_endpoint_auth_method application_type scope client_name ' +
    'client_uri logo_uri tos_uri policy_uri contacts jwks jwks_uri sector_identifier_uri subject_type default_max_age ' +
    'require_auth_time initiate_login_uri post_logout_redirect_uris id_token_signed_response_alg ' +
    'require_pushed_authorization_requests dpop_bound_access_tokens'
  ).split(' '),
  refuses: {
    token_endpoint_auth_signing_alg:
      'Community Solid Server answers 400 to any value; it takes what it lists in its metadata.',
    default_acr_values: 'Community Solid Server answers 400 to any value: it knows none.',
    'id_token_signed_response_alg=RS256': 'Community Solid Server signs with ES256 and answers 400 to this.',
  },
  cannot: { update: cannot('update'), delete: cannot('delete') },
}
