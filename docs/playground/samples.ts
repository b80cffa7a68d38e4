/** A server that publishes what it supports. */
export const serverOf = ({ grants, methods }: { grants: string[]; methods: string[] }): Record<string, unknown> => ({
  issuer: 'https://as.example',
  authorization_endpoint: 'https://as.example/authorize',
  token_endpoint: 'https://as.example/token',
  registration_endpoint: 'https://as.example/register',
  scopes_supported: ['openid', 'profile', 'orders:read', 'orders:write'],
  response_types_supported: ['code'],
  grant_types_supported: grants,
  token_endpoint_auth_methods_supported: methods,
  code_challenge_methods_supported: ['S256'],
})

/** An answer as `curl -i` prints it. */
export const answered = (body: object, status: 201 | 400 = 201): string =>
  [
    `HTTP/1.1 ${status} ${status === 201 ? 'Created' : 'Bad Request'}`,
    'content-type: application/json',
    'cache-control: no-store',
    '',
    JSON.stringify(body, undefined, 2),
  ].join('\n')

const part = (value: object): string =>
  btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** What a directory says of a client; nobody signed it. */
export const openBankingStatement = [
  { alg: 'PS256', kid: 'directory-1', typ: 'JWT' },
  {
    iss: 'Directory of the example',
    software_id: '4fQf8gX2uJc3kV1sR7nB',
    software_client_name: 'Orders',
    software_roles: ['AISP'],
    software_jwks_endpoint: 'https://keystore.example/tpp/orders.jwks',
    software_redirect_uris: ['https://tpp.example/callback'],
  },
]
  .map(part)
  .concat('nobody-signed-this')
  .join('.')

/** What SimpleIdServer's own page shows as the answer to its request: the management address is not the server's. */
export const simpleIdServerAnswer = {
  client_id: 'd371c91b-f48c-4944-ba2e-da3d05d288d3',
  client_secret: 'a2c7b54f-7325-4429-923b-0ba7eb149dc5',
  registration_access_token: '3a0e9284-0931-49e7-963e-11958e3939e3',
  grant_types: ['client_credentials'],
  redirect_uris: ['https://tmp.com'],
  token_endpoint_auth_method: 'client_secret_post',
  response_types: ['code'],
  contacts: [],
  update_datetime: '2023-06-12T19:24:24.0727511Z',
  create_datetime: '2023-06-12T19:24:24.0726061Z',
  client_id_issued_at: 1_686_597_864,
  token_expiration_time_seconds: 1800,
  refresh_token_expiration_time_seconds: 1800,
  scope: 'profile openid',
  jwks: { keys: [] },
  token_signed_response_alg: 'RS256',
  token_encrypted_response_alg: 'RSA1_5',
  token_encrypted_response_enc: 'A128CBC-HS256',
  post_logout_redirect_uris: [],
  preferred_token_profile: 'Bearer',
  subject_type: 'public',
  id_token_signed_response_alg: 'RS256',
  application_type: 'web',
  require_auth_time: false,
  authorization_signed_response_alg: 'RS256',
  authorization_data_types: [],
  is_consent_disabled: false,
  default_acr_values: [],
  registration_client_uri: 'https://localhost:5001/d371c91b-f48c-4944-ba2e-da3d05d288d3',
}
