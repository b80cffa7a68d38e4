import type { ServerProfile } from './server-profile.ts'

/**
 * LemonLDAP::NG; seen at 2.16.1 (Debian 12, run), its texts also in its sources. Registering is off unless
 * `oidcServiceAllowDynamicRegistration` is on, and then open to everybody.
 *
 * Identifiers and secrets hold `/`, and HTTP Basic is not form-decoded there.
 *
 * A client can't be read, updated or deleted, and an answer names little of what was asked for. A client is stored under the
 * second of its registration: of two clients that register in the same second one is lost, although both were answered 201.
 */
export const lemonLdapNg: ServerProfile = {
  name: 'LemonLDAP::NG',
  unknownMembers: 'ignored',
  basicIsDecoded: false,
  accepts: (
    'redirect_uris grant_types response_types token_endpoint_auth_method client_name logo_uri id_token_signed_response_alg ' +
    'userinfo_signed_response_alg request_uris'
  ).split(' '),
  warns: {
    'token_endpoint_auth_method=none': 'LemonLDAP::NG makes a client with a secret, and does not say the method.',
    'token_endpoint_auth_method=private_key_jwt': 'LemonLDAP::NG takes no keys: it makes a client with a secret.',
  },
}
