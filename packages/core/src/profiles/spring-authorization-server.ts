import type { ServerProfile } from './server-profile.ts'

const cannot = (what: string): string =>
  `Spring Authorization Server can't ${what} a client: it has no such endpoint. Nothing was sent; register another client instead.`

/**
 * Spring Authorization Server (in Spring Security 7) with its own converters, which applications often replace; seen in
 * its sources.
 *
 * The access token for registering has the scope `client.create` and nothing else, and does for one registration. The
 * management token lives as long as any access token, five minutes by default. Every client gets the grant
 * `authorization_code` unless its `response_types` hold something else than `code`, and has to use PKCE; one without a
 * secret can't be registered.
 */
export const springAuthorizationServer: ServerProfile = {
  name: 'Spring Authorization Server',
  singleUseToken: true,
  readSecretIsHashed: true,
  unknownMembers: 'ignored',
  accepts: (
    'redirect_uris post_logout_redirect_uris token_endpoint_auth_method token_endpoint_auth_signing_alg grant_types ' +
    'response_types client_name scope jwks_uri'
  ).split(' '),
  warns: {
    scope: 'Spring Authorization Server answers invalid_scope to any scope, unless it was configured otherwise.',
  },
  cannot: { update: cannot('update'), delete: cannot('delete') },
}
