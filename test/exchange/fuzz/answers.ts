import fc from 'fast-check'

/** What the exchange sent and holds; none of it may be in anything that is shown. */
export const secrets = {
  accessToken: 'access-token-5a7/+=&"<kept>',
  managementToken: 'management-token-91c~kept.away',
  clientSecret: 'client-secret-d0e%kept away',
} as const

/** One answer, and what it answers, as data: a seed and a path bring it back. */
export interface Case {
  asks: 'register' | 'read' | 'update' | 'delete' | 'token' | 'discovery'
  status: number
  headers: Record<string, string>
  body: string
  cutOff: 'too-long' | 'broken' | 'late' | undefined
  sent:
    | { redirect_uris?: string[]; token_endpoint_auth_method?: string; scope?: string; software_statement?: string }
    | undefined
  derived: boolean
}

const told = Object.values(secrets)
const spelled = fc.constantFrom(
  ...told,
  ...told.map(encodeURIComponent),
  ...told.map((secret) => JSON.stringify(secret).slice(1, -1)),
  ...told.map((secret) => secret.replace(/[^\w.~-]/g, (char) => `&#x${char.charCodeAt(0).toString(16)};`)),
  ...told.map((secret) => secret.slice(0, 17)),
)
const odd = fc.constantFrom(
  '',
  ' ',
  '\0',
  '\ud800',
  '\udc00x',
  '\u202e',
  '\uFEFF',
  '\uFFFD',
  '\u2028',
  '"',
  '\\',
  '__proto__',
  'x'.repeat(5000),
  '%',
  '<title>',
  '</',
)
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 2, arbitrary: odd },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.string({ maxLength: 4 }), spelled, fc.string({ maxLength: 4 }))
      .map((parts) => parts.join('')),
  },
)
const address = fc.constantFrom(
  'https://app.example/cb',
  'https://APP.example/cb',
  'https://as.example/register/c1',
  '/register/c1',
  '//evil.example/x',
  'https://evil.example/x',
  'http://127.0.0.1:1/x',
  'http://as.example/x',
  'javascript:alert(1)',
  'java\tscript:alert(1)',
  'data:,x',
  'com.example.app:/cb',
  'https://user:pw@as.example/x',
  'https://as.example/x#y',
  'https://[',
  '\ud800',
)
const moment = fc.constantFrom(
  0,
  1,
  -1,
  1.5,
  1_700_000_000,
  1e300,
  '1700000000',
  '-1',
  '0x10',
  '2023-11-14T22:13:20.1234567Z',
  '2023-99-99T00:00',
  'never',
  '',
)
const deep = fc
  .integer({ min: 1, max: 60 })
  .map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown)
const anything: fc.Arbitrary<unknown> = fc.oneof(
  text,
  address,
  moment,
  fc.constantFrom(null, true, false, [], {}, { keys: [] }, 'none', 'client_secret_basic', 'private_key_jwt'),
  fc.double(),
  fc.array(fc.oneof(text, address, fc.constant(null), fc.integer()), { maxLength: 4 }),
  fc.constantFrom({ keys: [{ kty: 'oct', k: 'x' }] }, { keys: [null, { d: 1 }] }, { keys: 'x' }, '{"keys":[]}', '{'),
  deep,
)

const member = fc.constantFrom(
  ...'client_id client_secret client_secret_expires_at client_id_issued_at registration_access_token registration_client_uri redirect_uris grant_types response_types token_endpoint_auth_method scope scopes contacts client_name client_name#fr client_uri logo_uri tos_uri policy_uri jwks jwks_uri software_statement application_type default_max_age require_auth_time initiate_login_uri sector_identifier_uri post_logout_redirect_uri client_id_expires_at type token_endpoint_auth_methods vp_formats_supported tls_client_certificate_bound_access_token vendor error error_description error_code code msg message detail errors title access_token token_type expires_in issuer registration_endpoint token_endpoint grant_types_supported scopes_supported request_parameter_supported mtls_endpoint_aliases __proto__ constructor prototype toString'.split(
    ' ',
  ),
)
const clientId = fc.oneof({ weight: 6, arbitrary: fc.constant('c1') }, { weight: 1, arbitrary: anything })
const members = fc.array(fc.tuple(member, anything), { maxLength: 14 })

/** JSON by hand, so that a member may stand twice and reach for the prototype. */
const jsonOf = (pairs: readonly (readonly [string, unknown])[]): string =>
  `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`

const object = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(clientId, members)
      .map(([id, rest]) => jsonOf([['client_id', id], ['issuer', 'https://as.example'], ...rest])),
  },
  { weight: 2, arbitrary: members.map(jsonOf) },
)
const damage: fc.Arbitrary<(body: string) => string> = fc.oneof(
  { weight: 8, arbitrary: fc.constant((body: string) => body) },
  fc.nat().map((at) => (body: string) => body.slice(0, at % (body.length + 1))),
  fc.tuple(fc.nat(), text).map(
    ([at, put]) =>
      (body: string) =>
        body.slice(0, at % (body.length + 1)) + put + body.slice(at % (body.length + 1)),
  ),
  fc.constantFrom(
    (body: string) => `\uFEFF${body}`,
    (body: string) => `[${body}]`,
    (body: string) => JSON.stringify(body),
    (body: string) => `<html><title>${body}</title>`,
    (body: string) => body + body,
    (body: string) => body.replace('{', `{"many":[${'{"a":1},'.repeat(600)}0],`),
    (body: string) => body.replace('{', `{"deep":${'{"a":'.repeat(40)}1${'}'.repeat(40)},`),
  ),
)

const header = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json; charset=utf-8',
      'text/html',
      'text/plain',
      'application/problem+json',
      '',
    ),
    'retry-after': fc.constantFrom(
      '0',
      '5',
      '-5',
      '5, 10',
      '99999999999999999999',
      'Wed, 21 Oct 2099 07:28:00 GMT',
      'soon',
    ),
    'www-authenticate': fc.oneof(
      fc.constantFrom('Bearer', 'Bearer error="invalid_token"', 'DPoP error="use_dpop_nonce", Bearer error="x\\"y"'),
      fc.constantFrom(...told).map((secret) => `Bearer error="no", error_description="${encodeURIComponent(secret)}"`),
    ),
    location: fc.constantFrom('/x', 'https://evil.example/?t=1', 'http://[', ''),
  },
  { requiredKeys: [] },
)

/** Structure-aware: mostly almost right, and wrong in every way that was thought of. */
export const cases: fc.Arbitrary<Case> = fc.record({
  asks: fc.constantFrom('register', 'register', 'read', 'update', 'update', 'delete', 'token', 'discovery'),
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(200, 201) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        0,
        100,
        199,
        202,
        204,
        206,
        299,
        301,
        302,
        304,
        399,
        400,
        401,
        403,
        404,
        429,
        499,
        500,
        503,
        599,
        999,
      ),
    },
  ),
  headers: header,
  body: fc.tuple(object, damage).map(([body, harm]) => harm(body)),
  cutOff: fc.oneof({ weight: 15, arbitrary: fc.constant(undefined) }, fc.constantFrom('too-long', 'broken', 'late')),
  sent: fc.option(
    fc.record(
      {
        redirect_uris: fc.array(address, { maxLength: 3 }),
        token_endpoint_auth_method: fc.constantFrom('none', 'client_secret_basic', 'private_key_jwt'),
        scope: fc.constantFrom('a b', 'b'),
        software_statement: fc.constantFrom(
          'e30.eyJyZWRpcmVjdF91cmlzIjpbImh0dHBzOi8vYXBwLmV4YW1wbGUvY2IiXX0.x',
          'not a jwt',
          '..',
        ),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
  derived: fc.boolean(),
})
