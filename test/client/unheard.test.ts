// A client that nobody listens to spares what would only be told: checks of requests that are beyond doubt, and the search
// for deviations. What it does must not differ from what one with a listener does.
import { RegistrationClient, RegistrationError } from '@registrant/node'
import type { ClientOptions, RegistrationRequest } from '@registrant/node'
import { checkRequest } from '@registrant/node/checks'
import { startScriptedServer } from '@registrant/test/servers'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { publicKey } from '../checks/rows.ts'
import { cases } from '../exchange/fuzz/answers.ts'
import { as } from '../support/reading.ts'

const uri = fc.constantFrom(
  'https://app.example/cb',
  'http://127.0.0.1:4711/cb',
  'http://localhost/cb',
  'http://app.example/cb',
  'http://10.0.0.7/cb',
  'https://app.example/a b',
  'https:\\\\app.example\\cb',
  'https://app.example/%zz',
  'https:app.example/cb',
  'data:image/png;base64,AA==',
  'https://app.example/cb#part',
  'https://me:pw@app.example/cb',
  'app.example:/cb',
  'javascript:alert(1)',
  '/cb',
  '',
)
const uris = fc.array(uri, { maxLength: 2 })
const text = fc.constantFrom('Orders', 'a b', 'a  b', ' a', 'a"b', 'é', '1.0', '')
const key = fc.constantFrom(
  publicKey,
  { ...publicKey, x: publicKey.y },
  { kty: 'EC', crv: 'P-256' },
  { kty: 'EC', d: 'private' },
  { kty: 'oct' },
  { kty: 'RSA', k: 'x' },
)
const grant = fc.constantFrom('authorization_code', 'refresh_token', 'implicit', 'client_credentials', '')
const odd = fc.constantFrom<unknown>(null, 7, {}, [], [7], true)

/** What everyday pages declare, right and wrong. */
const members: Record<string, fc.Arbitrary<unknown>> = {
  redirect_uris: uris,
  post_logout_redirect_uris: uris,
  token_endpoint_auth_method: fc.constantFrom('none', 'private_key_jwt', 'client_secret_basic', 'tls_client_auth', ''),
  token_endpoint_auth_signing_alg: fc.constantFrom('ES256', 'RS256', 'EdDSA', 'HS256', 'RS1', 'none', ''),
  jwks: fc.record({ keys: fc.array(key, { maxLength: 2 }) }),
  grant_types: fc.array(grant, { maxLength: 2 }),
  response_types: fc.array(fc.constantFrom('code', 'code id_token', 'token'), { maxLength: 2 }),
  client_name: text,
  'client_name#fr': text,
  client_uri: uri,
  logo_uri: uri,
  tos_uri: uri,
  policy_uri: uri,
  jwks_uri: uri,
  software_id: text,
  software_version: text,
  scope: text,
  application_type: fc.constantFrom('web', 'native', 'other'),
  client_secret: text,
  vendor: text,
}
const requests = fc
  .record(
    Object.fromEntries(
      Object.entries(members).map(([member, values]) => [
        member,
        fc.oneof({ weight: 12, arbitrary: values }, { weight: 1, arbitrary: odd }),
      ]),
    ),
    { requiredKeys: [] },
  )
  .map((some) => {
    // Few at a time, or nothing would ever be plain.
    const kept = Object.entries(some).filter((_, index) => index < 4)
    const metadata: RegistrationRequest = { redirect_uris: ['https://app.example/cb'] }
    return Object.assign(metadata, Object.fromEntries(kept))
  })

test('it refuses exactly the requests that the rules refuse', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const client = new RegistrationClient({ issuer: server.issuer })
  await client.discover()
  let refused = 0
  let sent = 0
  await fc.assert(
    fc.asyncProperty(requests, async (metadata) => {
      const isWrong = checkRequest(metadata).some(({ level }) => level === 'MUST')
      const before = server.requests.length
      const [outcome] = await Promise.allSettled([client.register(metadata)])
      const error: unknown = outcome.status === 'rejected' ? outcome.reason : undefined
      expect(error instanceof RegistrationError && error.code === 'invalid-request').toBe(isWrong)
      expect(server.requests).toHaveLength(before + (isWrong ? 0 : 1))
      if (isWrong) refused++
      else sent++
    }),
    { numRuns: 500 },
  )
  expect(Math.min(refused, sent)).toBeGreaterThan(20)
})

/** What a registration comes to: all of the registration, or all that the error shows. */
async function outcomeOf(options: Partial<ClientOptions>, metadata: RegistrationRequest, answer: Response) {
  const { issuer: _, server: __, ...more } = options
  const client = new RegistrationClient({ server: as, ...more, fetch: async () => answer })
  try {
    return { registration: await client.register(metadata) }
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    const registration: unknown = Reflect.get(error, 'registration')
    const body: unknown = Reflect.get(error, 'body')
    return { shown: JSON.stringify(error), registration, body }
  }
}

test('it makes of every answer what one with a listener makes of it', async () => {
  let read = 0
  await fc.assert(
    fc.asyncProperty(cases, async ({ status, headers, body, sent }) => {
      if (status < 200 || status > 599 || status === 204 || status === 304) return
      const metadata = { redirect_uris: ['https://app.example/cb'], ...sent }
      const answer = (): Response =>
        new Response(body, { status, headers: { date: 'Wed, 25 Nov 2026 12:00:00 GMT', ...headers } })
      const unheard = await outcomeOf({}, metadata, answer())
      const heard = await outcomeOf({ onEvent: () => undefined }, metadata, answer())
      expect(unheard).toEqual(heard)
      if ('client_id' in Object(unheard.registration)) read++
    }),
    { numRuns: 1000 },
  )
  expect(read).toBeGreaterThan(20)
})
