import type { State } from './state.ts'
import { answered, openBankingStatement, serverOf, simpleIdServerAnswer } from './samples.ts'

/** Where the page may start from. */
interface Example {
  name: string
  label: string
  state: Partial<State>
}

const json = (value: object): string => JSON.stringify(value, undefined, 2)

const page = 'https://app.example/callback'
const code = ['authorization_code', 'refresh_token']

const blank: State = {
  example: '',
  tab: 'registration',
  metadata: '',
  server: '',
  profile: '',
  mcp: '',
  token: '',
  answer: '',
  status: '201',
  url: 'https://app.example/client.json',
  document: json({
    client_id: 'https://app.example/client.json',
    client_name: 'Orders',
    redirect_uris: [page],
    grant_types: code,
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }),
}

const service = {
  client_name: 'Orders',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: 'client_secret_basic',
  scope: 'orders:read orders:write',
}

const singlePage = {
  client_name: 'Orders',
  redirect_uris: [page],
  grant_types: code,
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  scope: 'openid profile orders:read',
}

const native = {
  client_name: 'Orders for the desk',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback', 'com.example.orders:/callback'],
  grant_types: code,
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

const agent = {
  client_name: 'Agent',
  client_uri: 'https://agent.example',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1:8090/callback'],
  grant_types: code,
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

const bank = {
  redirect_uris: ['https://tpp.example/callback'],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'PS256',
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types: ['code id_token'],
  application_type: 'web',
  id_token_signed_response_alg: 'PS256',
  request_object_signing_alg: 'PS256',
  jwks_uri: 'https://keystore.example/tpp/orders.jwks',
  scope: 'openid accounts',
  software_id: '4fQf8gX2uJc3kV1sR7nB',
  software_statement: openBankingStatement,
}

const broken = {
  client_name: 'Orders',
  redirect_urls: ['https://app.example/callback'],
  redirect_uris: ['https://app.example/callback#done', 'http://app.example/callback'],
  grant_types: ['authorization_code', 'implicit'],
  response_types: ['code'],
  token_endpoint_auth_method: 'private_key_jwt',
  jwks_uri: 'http://app.example/jwks.json',
  client_secret: 'one-of-my-own',
  scope: ['openid', 'profile'],
}

/** Every example, the first of them where nothing else is said. */
export const examples: readonly Example[] = [
  {
    name: 'service',
    label: 'A service',
    state: {
      metadata: json(service),
      server: json(serverOf({ grants: ['client_credentials'], methods: ['client_secret_basic', 'private_key_jwt'] })),
      token: 'yes',
      answer: answered({
        ...service,
        client_id: 's6BhdRkqt3',
        client_secret: 'an-example-and-no-secret',
        client_id_issued_at: 1_790_000_000,
        registration_access_token: 'an-example-and-no-token',
        registration_client_uri: 'https://as.example/register/s6BhdRkqt3',
      }),
    },
  },
  {
    name: 'page',
    label: 'A page',
    state: {
      metadata: json(singlePage),
      server: json(serverOf({ grants: code, methods: ['none', 'client_secret_basic'] })),
      answer: answered({
        ...singlePage,
        client_id: 'p-71',
        scope: 'openid orders:read',
        client_id_issued_at: 1_790_000_000,
      }),
    },
  },
  {
    name: 'native',
    label: 'A native app',
    state: {
      metadata: json(native),
      server: json(serverOf({ grants: code, methods: ['none'] })),
      answer: answered({
        ...native,
        client_id: 'n-12',
        redirect_uris: [
          'http://127.0.0.1/callback',
          'com.example.orders:/callback',
          'https://as.example/debug/callback',
        ],
      }),
    },
  },
  {
    name: 'mcp',
    label: 'An MCP client',
    state: {
      metadata: json(agent),
      server: json({
        ...serverOf({ grants: code, methods: ['none'] }),
        client_id_metadata_document_supported: true,
      }),
      mcp: 'yes',
      url: 'https://agent.example/client.json',
      document: json({ client_id: 'https://agent.example/client.json', ...agent }),
      answer: answered({ ...agent, client_id: 'a-5', client_id_issued_at: 1_790_000_000 }),
    },
  },
  {
    name: 'simpleidserver',
    label: "SimpleIdServer's page",
    state: {
      metadata: json({
        redirect_uris: ['https://tmp.com'],
        response_types: ['code'],
        grant_types: ['client_credentials'],
        scope: 'openid profile',
        token_endpoint_auth_method: 'client_secret_post',
      }),
      server: json({
        issuer: 'https://localhost:5001',
        registration_endpoint: 'https://localhost:5001/register',
        token_endpoint: 'https://localhost:5001/token',
        scopes_supported: ['openid', 'profile', 'register'],
        grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token'],
        token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      }),
      profile: 'simpleIdServer',
      token: 'yes',
      answer: answered(simpleIdServerAnswer),
    },
  },
  {
    name: 'openbanking',
    label: 'Open banking',
    state: {
      metadata: json(bank),
      server: json({
        ...serverOf({
          grants: ['authorization_code', 'refresh_token', 'client_credentials'],
          methods: ['private_key_jwt', 'tls_client_auth'],
        }),
        response_types_supported: ['code', 'code id_token'],
        scopes_supported: ['openid', 'accounts', 'payments'],
        token_endpoint_auth_signing_alg_values_supported: ['PS256', 'ES256'],
        id_token_signing_alg_values_supported: ['PS256'],
        request_object_signing_alg_values_supported: ['PS256'],
        require_pushed_authorization_requests: true,
      }),
      token: 'yes',
      answer: answered({
        ...bank,
        client_id: 'b-9',
        id_token_signed_response_alg: 'RS256',
        client_secret_expires_at: 0,
      }),
    },
  },
  {
    name: 'broken',
    label: 'One with mistakes',
    state: {
      metadata: json(broken),
      server: json(serverOf({ grants: code, methods: ['none', 'client_secret_basic'] })),
      answer: answered({ error: 'invalid_redirect_uri', error_description: 'Fragments are not allowed.' }, 400),
      url: 'https://app.example',
      document: json({
        client_id: 'https://app.example/',
        redirect_uris: ['https://app.example/callback'],
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: 'everybody-can-read-this',
      }),
    },
  },
]

/** An example of that name as the page starts with it; the first one for any other name. */
export function exampleNamed(name: string): State {
  const [first] = examples
  const found = examples.find((it) => it.name === name) ?? first
  return { ...blank, ...found?.state, example: found?.name ?? '' }
}
