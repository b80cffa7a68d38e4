import { inspect } from 'node:util'

import { clientCredentials, RegistrationClient } from '@registrant/node'
import type { RegistrationEvent } from '@registrant/node'
import { readDeletion, readRegistration, readToken, tokenRequest } from '@registrant/node/exchange'
import { canary, startScriptedServer } from '@registrant/test/servers'
import type { ScriptedRequest } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { dump, keepIn, show } from '../support/dump.ts'
import { failure } from '../support/failure.ts'
import { answerOf, as, requestOf } from '../support/reading.ts'

const metadata = { redirect_uris: ['https://app.example/cb'] }

/** A page that repeats everything that it was sent, as development pages and some proxies do. */
const page = ({ headers, body }: ScriptedRequest): string =>
  `<html><title>Denied: ${JSON.stringify(headers)}</title><pre>${JSON.stringify(headers)}\n${body}</pre>`

const spell = (secret: string, written: (code: number) => string): string =>
  Array.from(secret, (char) => written(char.charCodeAt(0))).join('')

const escapes: [name: string, escape: (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['as a URL', encodeURIComponent],
  ['as a form', (secret) => new URLSearchParams([['x', secret]]).toString().slice(2)],
  [
    'as HTML',
    (secret) => secret.replace(/[&<>"'+/=]/g, (char) => `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`),
  ],
  ['as HTML in numbers', (secret) => secret.replace(/[&<>"'+/=]/g, (char) => `&#${char.charCodeAt(0)};`)],
  [
    'as HTML by name',
    (secret) =>
      secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ],
  ['as JSON', (secret) => JSON.stringify(secret).slice(1, -1)],
  [
    'as JSON of .NET',
    (secret) =>
      secret.replace(/[&<>"'+]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`),
  ],
  ['as a URL, letter by letter', (secret) => spell(secret, (code) => `%${code.toString(16)}`)],
  ['as JSON, letter by letter', (secret) => spell(secret, (code) => `\\u${code.toString(16).padStart(4, '0')}`)],
  ['as HTML, letter by letter', (secret) => spell(secret, (code) => `&#x${code.toString(16)};`)],
  ['as HTML in numbers, letter by letter', (secret) => spell(secret, (code) => `&#${code};`)],
  ['in large letters', (secret) => secret.toUpperCase()],
  ['its beginning', (secret) => `${secret.slice(0, 20)}…`],
]
const secret = 'Zk3+x/8Q==&<"\'>~tail-of-the-secret'

describe('a secret that was sent is struck out of what a server says', () => {
  test.for(escapes)('%s', ([, escape]) => {
    const told = `The token ${escape(secret)} is wrong, really: ${escape(secret)}.`
    const answer = answerOf({ error: 'invalid_token', error_description: told }, { status: 401 })
    let error: unknown
    try {
      readDeletion(answer, { request: requestOf('DELETE', secret) })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ errorDescription: expect.stringContaining('The token [redacted]') })
    expect(dump(error)).not.toContain(escape(secret).slice(0, 14))
    expect(error).toMatchObject({ error: 'invalid_token' })
  })

  test.for([
    ['the body', 'client_secret=the-client-secret'],
    ['an assertion', 'client_assertion=the-client-secret'],
    ['any other member of a form', 'something_else=the-client-secret'],
  ] as const)('that travelled in %s', ([, body]) => {
    const request = { ...tokenRequest({ ...as, token_endpoint: 'https://as.example/token' }, {}), body }
    expect(() =>
      readToken(answerOf('not the-client-secret, please', { status: 400, 'content-type': 'text/plain' }), { request }),
    ).toThrow(/not \[redacted\], please/)
  })

  test('that travelled as Basic, as the header has it and as it is', () => {
    const request = { ...requestOf('POST'), headers: { authorization: `Basic ${btoa('id:the%2Bclient+secret')}` } }
    for (const spelt of [btoa('id:the%2Bclient+secret'), 'the%2Bclient+secret', 'the+client secret']) {
      expect(() => readToken(answerOf({ error: `no ${spelt} here` }, { status: 400 }), { request })).toThrow(
        /no \[redacted\] here/,
      )
    }
  })

  test.for(['50%-off-secret', 'pässwört-secret'])('that travelled as Basic and is not encoded: %s', (plain) => {
    const bytes = Array.from(new TextEncoder().encode(`id:${plain}`), (byte) => String.fromCharCode(byte)).join('')
    const request = { ...requestOf('POST'), headers: { authorization: `Basic ${btoa(bytes)}` } }
    expect(() => readToken(answerOf({ error: `no ${plain} here` }, { status: 400 }), { request })).toThrow(
      /no \[redacted\] here/,
    )
  })

  test.for(['PÄSSWÖRT-ΛΣ-İ', 'pässwört-λσ-İ'])('in large and small letters of any alphabet: %s', (told) => {
    const request = requestOf('POST', 'Pässwört-Λσ-İ')
    expect(() => readToken(answerOf({ error: `no ${told} here` }, { status: 400 }), { request })).toThrow(
      /no \[redacted\] here/,
    )
  })

  test.for(['Authorization', 'AUTHORIZATION'])('that travelled in a header of the caller called %s', (name) => {
    const proof = { headers: { [name]: `Basic ${btoa('id:the-client-secret')}` } }
    const request = tokenRequest({ ...as, token_endpoint: 'https://as.example/token' }, {}, proof)
    expect(Object.keys(request.headers)).toContain('authorization')
    for (const each of [request, { ...request, headers: proof.headers }])
      expect(() => readToken(answerOf({ error: 'no the-client-secret!' }, { status: 400 }), { request: each })).toThrow(
        /no \[redacted\]!/,
      )
  })

  test.for([
    ['a key', '?key=query%20secret-9f8e7d6c', /register\?key=\[redacted\] not found/],
    ['nothing but a key', '?query-secret-9f8e7d6c', /register\?\[redacted\] not found/],
    ['what is no secret', '?v=2&client_id=a-client-of-ours', /register\?v=2&client_id=a-client-of-ours not found/],
  ] as const)('that the address asks with, where it holds %s', async ([, query, told]) => {
    await using server = await startScriptedServer()
    const known = { issuer: server.issuer, registration_endpoint: `${server.url}/register${query}` }
    const body = { message: `Route POST:/register${query} not found` }
    server.script({ register: { status: 404, body } })
    expect((await failure(new RegistrationClient({ server: known }).register(metadata))).message).toMatch(told)
    const refused = (): never => {
      throw new TypeError(`request to ${known.registration_endpoint} failed`)
    }
    const error = await failure(new RegistrationClient({ server: known, fetch: refused }).register(metadata))
    expect(dump(error)).not.toMatch(/secret-9f8e7d6c/)
  })

  test('whole from the body of a success that broke off, of which new secrets are kept that begin alike', () => {
    const head = 'eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9'
    const [sent, fresh] = [`${head}.sent`, `${head}.new`]
    const text = `{"client_id":"${head}","sent":"${sent}","registration_access_token":"${fresh}","x":"${'x'.repeat(200_000)}`
    const answer = { ...answerOf(text), cutOff: 'broken' as const }
    let error: unknown
    try {
      readRegistration(answer, { request: requestOf('POST', sent), server: as })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ client_id: head, body: text.replace(sent, '[redacted]') })
    expect(dump(error)).not.toContain(fresh)
  })

  test('and nothing besides where the text ends with it', () => {
    const answer = answerOf({ message: 'you sent abcdefghi' }, { status: 403 })
    expect(() => readRegistration(answer, { request: requestOf('GET', 'abcdefghi'), server: as })).toThrow(
      /you sent \[redacted\]"/,
    )
  })

  test('that is held of the registration, though this request did not carry it', () => {
    const current = { client_id: 'c', client_secret: 'the-client-secret' }
    const answer = answerOf({ message: 'you have the-client-secret' }, { status: 403 })
    expect(() => readRegistration(answer, { request: requestOf('GET'), server: as, current })).toThrow(
      /you have \[redacted\]/,
    )
  })

  test('also where the answer is a success that can not be used, and from its body', () => {
    const answer = answerOf(`you sent access-token-of-the-test`, { status: 201 })
    let error: unknown
    try {
      readRegistration(answer, { request: requestOf('POST'), server: as })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ body: 'you sent [redacted]' })
  })
})

test.for([200, 400, 500])(
  'a secret that a refusal under %i brings is not shown where the refusal repeats it',
  async (status) => {
    const made = canary()
    const body = { error: 'already_there', error_description: `client ${made} is there already`, client_secret: made }
    await using server = await startScriptedServer({ register: { status, body } }, { open: true })
    const error = await failure(new RegistrationClient({ issuer: server.issuer }).register(metadata))
    expect(error.message).toContain('client [redacted] is there already')
    expect(`${error.message} ${JSON.stringify(error)} ${inspect(error)}`).not.toContain(made)
  },
)

test('what forges a line of a log is escaped, and a text is cut at 1,024 characters', () => {
  const answer = answerOf(
    { error: 'odd', error_description: `a\r\nERROR \u001b[31m\u202e\u2028\u200b${'x'.repeat(9999)}` },
    { status: 400 },
  )
  let error: unknown
  try {
    readDeletion(answer, { request: requestOf('DELETE') })
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({
    errorDescription: expect.stringMatching(
      /^a\\u\{d\}\\u\{a\}ERROR \\u\{1b\}\[31m\\u\{202e\}\\u\{2028\}\\u\{200b\}x+…$/,
    ),
  })
  const { errorDescription } = Object(error)
  expect(errorDescription).toHaveLength(1024)
})

test('a whole life shows no secret in events, errors and what is printed of the client', async () => {
  await using server = await startScriptedServer()
  const events: RegistrationEvent[] = []
  const client = new RegistrationClient({
    issuer: server.issuer,
    accessToken: clientCredentials(server.registrar),
    onEvent: keepIn(events),
  })
  const shown: string[] = []
  const current = await client.register({ redirect_uris: ['https://app.example/cb'] })
  server.script({ token: (request) => ({ status: 400, body: page(request) }) })
  server.revokeTokens()
  shown.push(dump(await failure(client.register({ redirect_uris: ['https://app.example/cb'] }))))
  for (const endpoint of ['read', 'update', 'delete'] as const)
    server.script({
      [endpoint]: (request: ScriptedRequest) => ({
        status: 403,
        headers: { 'content-type': 'text/html' },
        body: page(request),
      }),
    })
  const calls = [() => client.read(current), () => client.update(current, {}), () => client.delete(current)]
  for (const call of calls) shown.push(dump(await failure(call())))
  server.script({ read: { lost: 'middle' }, update: { body: { said: current.client_secret } } })
  for (const call of calls.slice(0, 2)) shown.push(dump(await failure(call())))
  shown.push(dump(client), dump(events))
  show(client)

  expect(server.secrets().length).toBeGreaterThanOrEqual(3)
  for (const issued of [...server.secrets(), server.registrar.clientSecret]) {
    expect(
      shown.filter((text) => text.includes(issued)),
      'texts that show a secret',
    ).toHaveLength(0)
  }
})

test('a management token that the server put into the path of its address is not shown, nor one in a language tag', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const events: RegistrationEvent[] = []
  const client = new RegistrationClient({ issuer: server.issuer, onEvent: keepIn(events) })
  const registration_access_token = canary()
  const current = {
    client_id: 'c',
    registration_access_token,
    registration_client_uri: `${server.url}/register/${registration_access_token}`,
  }
  const shown = dump(await failure(client.read(current)))
  server.script({ read: { body: { client_id: 'c', [`client_name#${registration_access_token}`]: null } } })
  await client.read(current)
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'deviation',
      deviation: expect.objectContaining({ member: 'client_name#[redacted]' }),
    }),
  )
  expect((shown + dump(events)).includes(registration_access_token)).toBe(false)
  expect(shown).toContain(`${server.url}/register/[redacted]`)
})

test('a token that no header can carry is not shown, and nothing is sent', async () => {
  await using server = await startScriptedServer()
  for (const accessToken of [`${canary()}\nx: y`, `${canary()}\u2026`]) {
    const error = await failure(
      new RegistrationClient({ issuer: server.issuer, accessToken }).register({
        redirect_uris: ['https://app.example/cb'],
      }),
    )
    expect(error).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(dump(error)).not.toContain(accessToken.slice(0, 20))
  }
  expect(server.requestsTo('register')).toHaveLength(0)
})

test('no cookie is ever sent back', async () => {
  await using server = await startScriptedServer({}, { open: true })
  server.script({ discovery: (_, usual) => ({ ...usual(), headers: { 'set-cookie': 'session=1; path=/' } }) })
  const client = new RegistrationClient({ issuer: server.issuer })
  await client.register({ redirect_uris: ['https://app.example/cb'] })
  await client.register({ redirect_uris: ['https://app.example/cb'] })
  expect(server.requests.filter(({ headers }) => headers.cookie !== undefined)).toHaveLength(0)
})

test('a password in the issuer of the option server is told nowhere', async () => {
  const server = { issuer: 'https://me:the-password@as.example', scopes_supported: ['read'] }
  const events: RegistrationEvent[] = []
  const accessToken = clientCredentials({ clientId: 'registrar', clientSecret: 'its secret' })
  for (const options of [{}, { accessToken }]) {
    const client = new RegistrationClient({ server, onEvent: keepIn(events), ...options })
    const error = await failure(client.register({ redirect_uris: ['https://app.example/cb'], scope: 'write' }))
    expect(error).toMatchObject({ name: 'NotSupportedError', message: expect.stringContaining('https://as.example/') })
    expect(dump([error, events])).not.toContain('the-password')
  }
  expect(events).toContainEqual(expect.objectContaining({ type: 'finding' }))
})
