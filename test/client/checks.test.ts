import { InvalidRequestError, memoryStore, RegistrationClient, RegistrationManager } from '@registrant/node'
import type { Finding, RegistrationEvent, RegistrationRequest } from '@registrant/node'
import { keycloak, simpleIdServer } from '@registrant/node/profiles'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { ciba, good, publicKey, service } from '../checks/rows.ts'
import { failure } from '../support/failure.ts'

/** Keeps the findings that a client tells of. */
function listener(): { findings: Finding[]; onEvent: (event: RegistrationEvent) => void } {
  const findings: Finding[] = []
  return { findings, onEvent: (event) => void (event.type === 'finding' && findings.push(event.finding)) }
}

describe('a request that breaks a rule', () => {
  test('is refused with all findings at once, and nothing leaves', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer })
    const error = await failure(client.register({ redirect_uris: [], initiate_login_uri: 'http://app.example' }))
    if (!(error instanceof InvalidRequestError)) throw error
    const rules = error.findings.map(({ rule, level }) => `${rule} ${level}`)
    expect(rules).toEqual(expect.arrayContaining(['R02 MUST', 'R06h MUST', 'R12 SHOULD']))
    const [refusing = '', besides = ''] = error.message.split(' Worth knowing besides: ')
    expect(refusing).toMatch(/^The request was not sent: /)
    for (const [index, { member, level }] of error.findings.entries()) {
      expect(level === 'SHOULD' ? besides : refusing).toContain(`${member}: `)
      // What refuses stands before what is worth knowing.
      expect(error.findings.slice(0, index).some((before) => before.level === 'SHOULD') && level === 'MUST').toBe(false)
    }
    expect(server.requests).toEqual([])
  })

  test.each([
    ['a key that no server can use', { jwks: { keys: [{ ...publicKey, y: publicKey.x }] } }],
    ['a redirect URI that is none as it stands', { redirect_uris: ['https://app.example/a b'] }],
    ['a private key', { jwks: { keys: [{ kty: 'EC', d: 'a-private-key' }] } }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'a-shared-key' }] } }],
    ['an address that runs code when it is clicked', { policy_uri: 'javascript:alert(1)' }],
  ])('by %s is refused, whatever the options say, and its value is not shown', async (_, breaks) => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer, preflight: 'off' })
    // What somebody without types might send.
    const metadata = Object.assign({ ...good }, breaks)
    const error = await failure(client.register(metadata))
    expect(error).toBeInstanceOf(InvalidRequestError)
    expect(JSON.stringify(error)).not.toMatch(/a-private-key|a-shared-key/)
    expect(server.requests).toEqual([])
  })

  test('of the kind SHOULD is sent, and told as an event', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const { findings, onEvent } = listener()
    const { token_endpoint_auth_method: _, ...metadata } = service
    await new RegistrationClient({ issuer: server.issuer, onEvent }).register(metadata)
    expect(findings).toMatchObject([{ rule: 'R12', level: 'SHOULD' }])
    expect(server.requestsTo('register')).toHaveLength(1)
  })
})

describe('a request that does not fit the metadata of the server', () => {
  const metadata = { subject_types_supported: ['pairwise'], scopes_supported: ['orders:read'] }
  const request = { ...service, subject_type: 'public', scope: 'orders:write' }

  test('is sent, and each finding is an event', async () => {
    await using server = await startScriptedServer({}, { open: true, metadata })
    const { findings, onEvent } = listener()
    await new RegistrationClient({ issuer: server.issuer, onEvent }).register(request)
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ rule: 'subject_types_supported', level: 'PREFLIGHT' }),
        expect.objectContaining({ rule: 'scopes_supported', level: 'PREFLIGHT' }),
      ]),
    )
  })

  test.each([
    ['subject_types_supported', { subject_type: 'public' }],
    ['scopes_supported', { scope: 'orders:read orders:write' }],
    ['grant_types_supported', { grant_types: ['client_credentials', 'refresh_token'] }],
    ['token_endpoint_auth_methods_supported', { token_endpoint_auth_method: 'client_secret_post' }],
  ])('is refused with preflight: strict by %s', async (rule, misfits) => {
    const lists = {
      ...metadata,
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic'],
    }
    await using server = await startScriptedServer({}, { open: true, metadata: lists })
    const client = new RegistrationClient({ issuer: server.issuer, preflight: 'strict' })
    const fits = { ...service, subject_type: 'pairwise', scope: 'orders:read' }
    const error = await failure(client.register({ ...fits, ...misfits }))
    expect(error).toMatchObject({ code: 'invalid-request', outcome: 'not-sent', findings: [{ rule }] })
    expect(server.requestsTo('register')).toEqual([])
    await client.register({ ...fits, default_acr_values: ['gold'] })
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('is not looked at with preflight: off', async () => {
    await using server = await startScriptedServer({}, { open: true, metadata })
    const { findings, onEvent } = listener()
    await new RegistrationClient({ issuer: server.issuer, preflight: 'off', onEvent }).register(request)
    expect(findings).toEqual([])
  })
})

describe('an update', () => {
  const odd = 'http://app.example/login'
  /** A server that says more of a client than it was asked for. */
  const adding =
    (added: object) =>
    (_: ScriptedRequest, usual: () => Answer): Answer => ({ ...usual(), body: { ...Object(usual().body), ...added } })

  test('is not refused for what the server itself returned and nobody changed', async () => {
    const returned = 'https://app.example/login#part'
    await using server = await startScriptedServer({}, { open: true })
    const { findings, onEvent } = listener()
    const client = new RegistrationClient({ issuer: server.issuer, onEvent })
    const registered = await client.register(good)
    await client.update({ ...registered, claims_redirect_uris: [returned] }, { client_name: 'Orders' })
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: 'R05', member: 'claims_redirect_uris', level: 'MUST' }),
    )
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('is refused for what it changes', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer })
    const registered = await client.register(good)
    const error = await failure(client.update(registered, { initiate_login_uri: odd }))
    expect(error).toMatchObject({ findings: [{ rule: 'R06h' }], outcome: 'not-sent' })
    expect(server.requestsTo('update')).toEqual([])
  })

  const cross: [rule: string, registered: RegistrationRequest, changes: RegistrationRequest][] = [
    ['R02', service, { grant_types: ['authorization_code'], response_types: ['code'] }],
    ['R14', good, { token_endpoint_auth_method: 'private_key_jwt' }],
    ['R14t', good, { token_endpoint_auth_method: 'tls_client_auth' }],
    ['R16', { ...good, redirect_uris: ['https://a.example/', 'https://b.example/'] }, { subject_type: 'pairwise' }],
    ['R25', { ...good, id_token_signed_response_alg: 'HS256' }, { token_endpoint_auth_method: 'none' }],
    ['R32', good, { grant_types: ['authorization_code', ciba] }],
  ]
  test.each(cross)('is refused by %s also where the rule names another member than changes', async (rule, ...it) => {
    await using server = await startScriptedServer({}, { open: true })
    const { issuer } = server
    const [before, changes] = it
    const refused = { code: 'invalid-request', findings: expect.arrayContaining([expect.objectContaining({ rule })]) }
    const client = new RegistrationClient({ issuer })
    const registered = await client.register(before)
    expect(await failure(client.update(registered, changes))).toMatchObject(refused)

    const store = memoryStore()
    const keeping = (metadata: RegistrationRequest): RegistrationManager =>
      new RegistrationManager({ issuer, application: 'orders', metadata, store })
    await keeping(before).ensure()
    expect(await failure(keeping({ ...before, ...changes }).ensure())).toMatchObject(refused)
    expect(server.requestsTo('update')).toEqual([])
  })

  test('is not refused by a rule that comes of what the server added', async () => {
    const changes = { redirect_uris: ['https://a.example/', 'https://b.example/'] }
    await using server = await startScriptedServer({ register: adding({ subject_type: 'pairwise' }) }, { open: true })
    const { findings, onEvent } = listener()
    const client = new RegistrationClient({ issuer: server.issuer, onEvent })
    await client.update(await client.register(good), changes)
    expect(findings).toContainEqual(expect.objectContaining({ rule: 'R16', level: 'MUST' }))
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('with preflight: strict is refused for what it changes, and not for what the server added', async () => {
    const added = { grant_types: ['authorization_code', 'refresh_token'], subject_type: 'pairwise' }
    const lists = {
      authorization_endpoint: 'https://as.example/authorize',
      grant_types_supported: ['authorization_code'],
      subject_types_supported: ['public'],
    }
    await using server = await startScriptedServer({ register: adding(added) }, { open: true, metadata: lists })
    const { issuer } = server
    const client = new RegistrationClient({ issuer, preflight: 'strict' })
    const { grant_types: _, ...rest } = good
    const registered = await client.register(rest)
    await client.update(registered, { client_name: 'Orders' })
    const error = await failure(client.update(registered, { grant_types: ['authorization_code', 'implicit'] }))
    expect(error).toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/grant_types: .* Worth knowing besides: subject_type: /),
    })

    const store = memoryStore()
    const keeping = (metadata: RegistrationRequest): RegistrationManager =>
      new RegistrationManager({ issuer, application: 'orders', metadata, store, preflight: 'strict' })
    await keeping(rest).ensure()
    expect(await keeping({ ...rest, client_name: 'Orders' }).ensure()).toMatchObject({ client_name: 'Orders' })
    expect(server.requestsTo('update')).toHaveLength(2)
  })

  test('does not change a member by naming it without a value', async () => {
    const added = { sector_identifier_uri: 'ftp://app.example/hosts' }
    await using server = await startScriptedServer({ register: adding(added) }, { open: true })
    const client = new RegistrationClient({ issuer: server.issuer })
    const changes = { client_name: 'Orders', sector_identifier_uri: undefined }
    await client.update(await client.register(good), changes)
    expect(server.requestsTo('update')).toHaveLength(1)
  })
})

test('what was checked is what is sent, whatever becomes of the objects meanwhile', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const { issuer } = server
  const redirect_uris = ['https://app.example/cb']
  const accessToken = (): string => {
    redirect_uris.push('javascript:alert(1)')
    return 'an-initial-access-token'
  }
  const registered = await new RegistrationClient({ issuer, accessToken }).register({ redirect_uris })
  expect(sentTo('register')).toMatchObject({ redirect_uris: ['https://app.example/cb'] })

  const current = { ...registered, contacts: ['ops@app.example'] }
  const changes = { client_name: 'Orders', post_logout_redirect_uris: ['https://app.example/bye'] }
  const meddling: typeof fetch = (...request) => {
    current.contacts.push('https://app.example/no-mailbox')
    changes.post_logout_redirect_uris.push('javascript:alert(1)')
    changes.client_name = ''
    return fetch(...request)
  }
  await new RegistrationClient({ issuer, fetch: meddling }).update(current, changes)
  expect(sentTo('update')).toMatchObject({
    client_name: 'Orders',
    contacts: ['ops@app.example'],
    post_logout_redirect_uris: ['https://app.example/bye'],
  })

  function sentTo(endpoint: 'register' | 'update'): unknown {
    return JSON.parse(server.requestsTo(endpoint)[0]?.body ?? '')
  }
})

test('what JSON can not say is found at whatever depth, and nothing leaves', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const client = new RegistrationClient({ issuer: server.issuer })
  const round: { self?: object } = {}
  round.self = round
  for (const value of [Number.NaN, 1n, round, [round], { deep: [1n] }]) {
    const given: object = { redirect_uris: ['https://app.example/cb'], x_vendor: value }
    expect(await failure(client.register(given))).toMatchObject({ code: 'invalid-request', outcome: 'not-sent' })
  }
  const odd: object = { redirect_uris: ['https://app.example/cb', () => 'https://app.example/cb'] }
  expect(await failure(client.register(odd))).toMatchObject({
    findings: expect.arrayContaining([expect.objectContaining({ member: 'redirect_uris', level: 'MUST' })]),
  })
  expect(server.requests).toEqual([])
})

test.for(['constructor', 'toString', '__proto__'])(
  'a member named as what every object has, %s, is judged and sent like any other',
  async (name) => {
    await using server = await startScriptedServer({}, { open: true })
    const { issuer } = server
    const odd: object = JSON.parse(`{ "redirect_uris": ["https://app.example/cb"], "${name}": "x" }`)
    const error = await failure(
      new RegistrationClient({ issuer, profile: keycloak, preflight: 'strict' }).register(odd),
    )
    expect(error).toMatchObject({ code: 'invalid-request' })
    expect(error).toMatchObject({ findings: expect.arrayContaining([expect.objectContaining({ member: name })]) })
    const { accepts: _, ...renaming } = simpleIdServer
    await new RegistrationClient({ issuer, profile: renaming }).register(odd)
    expect(server.requestsTo('register')[0]?.body).toContain(`"${name}":"x"`)
  },
)
