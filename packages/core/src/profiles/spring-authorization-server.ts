import type { ServerProfile } from './server-profile.ts'

const cannot = (what: string): string =>
  `Spring Authorization Server can't ${what} a client: it has no such endpoint. Nothing was sent; register another client instead.`

const becomesBasic = (where: string): string =>
  `Spring Authorization Server registers client_secret_basic in its place at ${where}, without a word.`

/**
 * Spring Authorization Server with its own converters, which applications often replace; seen at 7.1.2 (in Spring
 * Security) and 1.5.8 (run). It has two endpoints: `/connect/register`, which only its openid-configuration names, and
 * since 7.0 `/oauth2/register`, which only its RFC 8414 document names and whose clients can't be managed.
 *
 * The access token for registering must have the scope `client.create` and no other, and is good for one registration. The
 * management token has the scope `client.read` and lives as long as any access token, five minutes by default. Every
 * client gets the grant `authorization_code`, unless its `response_types` hold something else than `code`, and has to use
 * PKCE.
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
    'token_endpoint_auth_method=none': becomesBasic('/connect/register'),
    'token_endpoint_auth_method=private_key_jwt': becomesBasic('/oauth2/register'),
    'token_endpoint_auth_method=client_secret_jwt': becomesBasic('/oauth2/register'),
    'token_endpoint_auth_method=tls_client_auth': becomesBasic('both endpoints'),
    'token_endpoint_auth_method=self_signed_tls_client_auth': becomesBasic('both endpoints'),
  },
  cannot: { update: cannot('update'), delete: cannot('delete') },
  cors: 'Spring Authorization Server answers a preflight with its sign-in page, unless the application configured CORS for its filter chain.',
  advice: [
    {
      status: 401,
      operation: 'read',
      message: 'A management token of Spring Authorization Server ends by itself, after five minutes by default.',
    },
    {
      status: 401,
      operation: 'register',
      message: 'The access token must have the scope client.create and no other, and it does for one registration.',
    },
    {
      status: 403,
      operation: 'register',
      message: 'The access token must have the scope client.create and no other, and it does for one registration.',
    },
  ],
}
