// What the address of the playground holds: enough for a colleague, and no secret.
import { expect, test } from 'vitest'

import { exampleNamed, examples } from '../../docs/playground/examples.ts'
import { withoutSecrets } from '../../docs/playground/secrets.ts'
import { share, stateOf } from '../../docs/playground/state.ts'
import { secretKeyMembers } from '../../packages/core/src/model/jwk.ts'

test.each(examples)('an address brings the example $name back', ({ name }) => {
  const state = exampleNamed(name)
  expect(stateOf(`#${share(state).hash}`)).toEqual(state)
  expect(share(state).hash.length).toBeLessThan(40)
})

test('an address brings back what was typed, with what is chosen', () => {
  const state = {
    ...exampleNamed('page'),
    metadata: '{\n  "client_name": "Bestellungen für Zoë & Co. #1"\n}',
    server: '{ broken',
    profile: 'keycloak',
    mcp: 'yes',
    tab: 'document' as const,
    answer: 'HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n\r\n{"client_id":"c1"}',
  }
  expect(stateOf(`#${share(state).hash}`)).toEqual(state)
})

test.each(['', '#', '#nothing', '#example=unknown', '#tab=other&x=1', '#metadata=%E0%A4%A'])(
  'whatever else stands in an address, there is a page: %j',
  (hash) => {
    expect(stateOf(hash)).toMatchObject({ example: 'service', tab: 'registration' })
  },
)

const secret = 'geheim-4711-und-mehr'

test.each<[what: string, text: string]>([
  ['a client secret', JSON.stringify({ client_id: 'c1', client_secret: secret })],
  ['a management token', JSON.stringify({ registration_access_token: secret })],
  [
    'a token that the address of the client repeats',
    `{"registration_access_token":"${secret}","registration_client_uri":"https://as.example/r/${secret}"}`,
  ],
  ['a software statement', JSON.stringify({ software_statement: secret })],
  ['a private key', JSON.stringify({ jwks: { keys: [{ kty: 'EC', x: 'x', y: 'y', d: secret }] } })],
  ['a shared key', JSON.stringify({ jwks: { keys: [{ kty: 'oct', k: secret }] } })],
  ['a list of secrets', JSON.stringify({ client_secrets: [{ id: 1, value: secret }] })],
  ['a secret under another spelling', JSON.stringify({ clientSecret: secret, accessToken: secret })],
  ['a name that is written with an escape', `{"client\\u005fsecret":"${secret}"}`],
  ['a secret in an object of the server', JSON.stringify({ data: { credentials: { secret } } })],
  ['a secret in JSON that is broken', `{ "client_id": "c1", "client_secret": "${secret}", `],
  ['a name with an escape in JSON that is broken', `{"client\\u005fsecret":"${secret}",`],
  ['a secret in single quotes', `{client_id: 'c1', client_secret: '${secret}'}`],
  ['a form', `client_id=c1&client_secret=${secret}`],
  ['a form that begins with it', `client_secret=${secret}&client_id=c1`],
  ['a secret that is cut off', `{ "client_secret": "${secret}`],
  [
    'a secret in an answer',
    `HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n\r\n{"client_secret":"${secret}"}`,
  ],
  ['a cookie', `HTTP/1.1 201 Created\r\nset-cookie: session=${secret}\r\n\r\n{"client_id":"c1"}`],
  [
    'a cookie of an answer that came by a proxy',
    `HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 201 Created\r\nset-cookie: session=${secret}\r\n\r\n{}`,
  ],
  ['a secret before what looks like a head', `HTTP/1.1 200 OK\n\n{"client_secret":"${secret}"}\nHTTP/1.1 200 OK\n\n{}`],
  ['a header of the server', `HTTP/1.1 201 Created\nx-auth-token: ${secret}\n\n{}`],
  ['a token where a redirect leads', `HTTP/1.1 302 Found\nlocation: https://as.example/?t=${secret}\n\n`],
  ['user info', JSON.stringify({ issuer: `https://me:${secret}@as.example` })],
  ['a token in a query', JSON.stringify({ redirect_uris: [`https://app.example/cb?access_token=${secret}`] })],
])('%s is left out of it', (_, text) => {
  for (const member of ['metadata', 'server', 'answer', 'document'] as const) {
    const { hash, leftOut } = share({ ...exampleNamed(''), [member]: text })
    expect(decodeURIComponent(hash)).not.toContain(secret)
    expect(leftOut).toBeGreaterThan(0)
  }
  expect(share({ ...exampleNamed(''), url: `https://me:${secret}@app.example/c.json` }).hash).not.toContain(secret)
})

test.each(secretKeyMembers)('the member %s of a key is left out of it', (name) => {
  const metadata = JSON.stringify({ jwks: { keys: [{ kty: 'any', [name]: secret }] } })
  expect(share({ ...exampleNamed(''), metadata }).hash).not.toContain(secret)
})

test.each(['{"client_secret":8675309123}', '{ "client_secret": 8675309123, '])(
  'a secret that is a number is left out of it: %s',
  (answer) => {
    expect(share({ ...exampleNamed(''), answer }).hash).not.toContain('8675309123')
  },
)

test.each([
  '{"token_endpoint_auth_method":"client_secret_basic","client_secret_expires_at":0,"dpop_bound_access_tokens":true}',
  '{"token_endpoint":"https://as.example/token","jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","kid":"k"}]}}',
  '{"redirect_uris":["https://app.example/cb?a=b"],"access_token_type":"jwt"}',
  'HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nretry-after: 5\r\n\r\n{"error":"invalid_token"}',
  '{ broken, "client_name": "Orders" ',
  "{ client_name: 'Orders', client_secret_expires_at: 0, token_endpoint_auth_method: 'none' }",
])('what is no secret stays as it was typed: %s', (text) => {
  expect(withoutSecrets(text)).toEqual({ text, leftOut: 0 })
})
