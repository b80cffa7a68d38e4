export type Version = 'rc1' | 'head'

export const signatureAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'none']
export const encryptionAlgorithms = ['RSA1_5', 'RSA-OAEP']
export const encryptions = ['A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512']

const ietf = 'urn:ietf:params:oauth:grant-type:'

/** The registered grants, in the order of the discovery documents. */
export function grantTypes(version: Version): string[] {
  const newer = (grant: string): string[] => (version === 'head' ? [grant] : [])
  return [
    ...newer(`${ietf}token-exchange`),
    'client_credentials',
    'refresh_token',
    'password',
    'authorization_code',
    'urn:openid:params:grant-type:ciba',
    `${ietf}uma-ticket`,
    `${ietf}pre-authorized_code`,
    `${ietf}device_code`,
    ...newer(`${ietf}exchange-pre-authorized_code`),
    'implicit',
  ]
}

export function authenticationMethods(version: Version): string[] {
  return [
    'private_key_jwt',
    'client_secret_basic',
    'client_secret_jwt',
    'client_secret_post',
    ...(version === 'rc1' ? ['pkce'] : []),
    'tls_client_auth',
    'self_signed_tls_client_auth',
  ]
}
