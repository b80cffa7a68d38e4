import { readFileSync } from 'node:fs'

import { RegistrationClient, ServerRefusedError } from '@registrant/node'
import type { RegistrationError } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

type Endpoint = 'register' | 'read' | 'update' | 'delete' | 'token'

/** A code of the specifications, the statuses that it comes with, and which of our endpoints may say it. */
interface Code {
  code: string | null
  status: number[]
  where: string
  endpoints: Endpoint[]
}

/** What a server is known to answer, and what of it is understood. */
interface Known {
  server: string
  what: string
  endpoint: Endpoint
  status: number
  headers?: Record<string, string>
  body: unknown
  error?: string
  description?: string
  retryAfter?: number
  freshToken?: boolean
}

const data = (name: string): string => readFileSync(new URL(`../data/${name}.json`, import.meta.url), 'utf8')
const codes: Code[] = JSON.parse(data('error-codes'))
const answers: Known[] = JSON.parse(data('error-answers'))

/** One call to an endpoint that answers this every time, with a token source that always has another token. */
async function ask(endpoint: Endpoint, answer: Answer): Promise<{ error: RegistrationError; server: ScriptedServer }> {
  const server = await startScriptedServer({}, { open: true })
  let tokens = 0
  const client = new RegistrationClient({
    issuer: server.issuer,
    accessToken: async ({ send, server: { token_endpoint: url = '' } }) => {
      const sent = await send({ method: 'POST', url, headers: {}, body: '' })
      if (endpoint === 'token')
        (await import('@registrant/node/exchange')).readToken(sent, { request: { method: 'POST', url, headers: {} } })
      return `token-number-${++tokens}`
    },
  })
  const metadata = { redirect_uris: ['https://app.example/cb'] }
  const current = endpoint === 'token' || endpoint === 'register' ? undefined : await client.register(metadata)
  server.script({ [endpoint]: answer })
  const call =
    current === undefined
      ? client.register(metadata)
      : endpoint === 'update'
        ? client.update(current, {})
        : endpoint === 'read'
          ? client.read(current)
          : client.delete(current)
  return { error: await failure(call), server }
}

/** From 500 up nothing is known, unless it was only a token that was asked for. */
const outcomeOf = (status: number, endpoint: Endpoint): string =>
  status < 500 ? 'refused' : endpoint === 'token' ? 'not-sent' : 'unknown'

const rows = codes.flatMap(({ code, status, where, endpoints }) =>
  status.flatMap((each) => endpoints.map((endpoint) => [code ?? 'no code', each, endpoint, where, code] as const)),
)

describe('a code of the specifications is told with its status, and changes nothing but what it may', () => {
  test.for(rows)('%s with %i at %s (%s)', async ([, status, endpoint, , code]) => {
    const challenge = `Bearer realm="as"${code === null ? '' : `, error="${code}"`}`
    const { error, server } = await ask(endpoint, {
      status,
      ...(code === null ? {} : { body: { error: code, error_description: `why ${code}` } }),
      headers: status === 401 ? { 'www-authenticate': challenge } : {},
    })
    await server.close()
    expect(error).toBeInstanceOf(ServerRefusedError)
    expect(error).toMatchObject({ status, outcome: outcomeOf(status, endpoint), ...(code !== null && { error: code }) })
    if (code === null) expect(error).not.toHaveProperty('error')
    else expect(error).toMatchObject({ errorDescription: `why ${code}` })
    expect(error.message).toContain(String(status))
    expect(error.message).toMatch(/[.] [A-Z][^.]+[.]$/)
    // Only a refused access token is replaced, once; no other request is made twice.
    const isProof = code === 'use_dpop_nonce' || code === 'invalid_dpop_proof'
    const refusesToken = endpoint === 'register' && (status === 401 || code === 'invalid_token') && !isProof
    expect(server.requestsTo(endpoint)).toHaveLength(refusesToken ? 2 : 1)
  })
})

describe('what to do follows from what was sent, and to whom', () => {
  const advised = [
    ['register', 403, 'unauthorized_client', /token/, /grant/],
    ['read', 403, 'insufficient_scope', /manage its registration/, /scope that the server wants/],
    ['update', 403, 'unauthorized_client', /manage its registration/, /grant/],
    ['delete', 401, 'invalid_token', /management token/, /get a new one/],
    ['read', 401, 'invalid_client', /management token/, /its secret and how/],
    ['token', 401, 'unauthorized_client', /its secret/, /grant/],
    ['token', 403, 'access_denied', /gives this client no token/, /token does not allow/],
  ] as const
  test.for(advised)('%s, %i %s', async ([endpoint, status, error, says, saysNot]) => {
    const refused = await ask(endpoint, { status, body: { error } })
    await refused.server.close()
    expect(refused.error.message).toMatch(says)
    expect(refused.error.message).not.toMatch(saysNot)
  })
})

test('a code in the header alone is understood', async () => {
  const headers = {
    'www-authenticate': 'Bearer realm="as", error="insufficient_scope", error_description="register is missing"',
  }
  const { error, server } = await ask('register', { status: 403, headers })
  await server.close()
  expect(error).toMatchObject({ error: 'insufficient_scope', errorDescription: 'register is missing' })
})

test.for([
  ['in quotation marks, with some inside', 'error="insufficient_scope", error_description="no \\"register\\" scope"'],
  ['a token', 'error=insufficient_scope, error_description="no \\"register\\" scope"'],
  ['blanks around it', 'error = "insufficient_scope" , error_description = "no \\"register\\" scope"'],
  ['a name in other letters', 'Error="insufficient_scope", ERROR_DESCRIPTION="no \\"register\\" scope"'],
  [
    'another value that looks like it',
    'realm="error=\\"x\\"", error=insufficient_scope, error_description="no \\"register\\" scope"',
  ],
] as const)('a code in the header is read in each form that RFC 9110 allows: %s', async ([, parameters]) => {
  for (const challenge of [`Bearer ${parameters}`, `Basic realm="as", DPoP ${parameters}`, parameters]) {
    const { error, server } = await ask('register', { status: 403, headers: { 'www-authenticate': challenge } })
    await server.close()
    expect(error).toMatchObject({ error: 'insufficient_scope', errorDescription: 'no "register" scope' })
  }
})

describe('what servers answer in their own way is understood', () => {
  test.for(answers.map((known) => [known.server, known.what, known] as const))('%s: %s', async ([, , known]) => {
    const { endpoint, status, headers, body } = known
    const { error, server } = await ask(endpoint, { status, body, ...(headers && { headers }) })
    await server.close()
    expect(error).toBeInstanceOf(ServerRefusedError)
    const said = error instanceof ServerRefusedError ? [error.error, error.errorDescription, error.retryAfter] : []
    expect(said).toEqual([known.error, known.description, known.retryAfter])
    expect(error).toMatchObject({ status, outcome: outcomeOf(status, endpoint) })
    expect(server.requestsTo(endpoint)).toHaveLength(known.freshToken === true ? 2 : 1)
  })
})

describe('a status says what it says, whatever the body', () => {
  test.for([
    [200, 'register'],
    [201, 'register'],
    [200, 'read'],
    [200, 'update'],
    [204, 'delete'],
    [200, 'delete'],
    [202, 'delete'],
  ] as const)('%i at %s is a success', async ([status, endpoint]) => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer })
    server.script({ [endpoint]: (_: unknown, usual: () => Answer) => ({ ...usual(), status }) })
    const current = await client.register({ redirect_uris: ['https://app.example/cb'] })
    if (endpoint === 'read') await client.read(current)
    if (endpoint === 'update') await client.update(current, {})
    if (endpoint === 'delete') await client.delete(current)
    expect(server.requestsTo(endpoint)).toHaveLength(1)
  })

  const refusals = [400, 401, 403, 404, 405, 409, 413, 414, 415, 429, 431, 500, 501, 502, 503, 504]
  const managed = ['register', 'read', 'update', 'delete'] as const
  test.for(refusals.flatMap((status) => managed.map((endpoint) => [status, endpoint] as const)))(
    '%i at %s is a refusal, and is not asked again',
    async ([status, endpoint]) => {
      await using server = await startScriptedServer({}, { open: true })
      const client = new RegistrationClient({ issuer: server.issuer })
      const current =
        endpoint === 'register'
          ? { client_id: 'none' }
          : await client.register({ redirect_uris: ['https://app.example/cb'] })
      server.script({ [endpoint]: { status, body: { client_id: 'never-taken-for-a-registration' } } })
      const call = {
        register: () => client.register({ redirect_uris: ['https://app.example/cb'] }),
        read: () => client.read(current),
        update: () => client.update(current, {}),
        delete: () => client.delete(current),
      }[endpoint]
      expect(await failure(call())).toMatchObject({
        name: 'ServerRefusedError',
        status,
        outcome: outcomeOf(status, endpoint),
      })
      expect(server.requestsTo(endpoint)).toHaveLength(1)
    },
  )
})
