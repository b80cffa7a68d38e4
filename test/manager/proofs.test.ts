import { memoryStore } from '@registrant/core'
import type { ManagerOptions, ServerProfile } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer, Scripts } from '@registrant/test/servers'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { metadata, OpenStore, start } from './managed.ts'

/** Answers in which these members are laid over the usual ones; `undefined` takes one out. */
const answering = (members: object): Scripts => {
  const script: Scripts['register'] = (_, usual) => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), ...members } }
  }
  return { register: script, update: script, read: script }
}

/** What proves the client that is registered with these options. */
async function proofAt(server: ScriptedServer, declared: object, options: Partial<ManagerOptions> = {}) {
  const { manager } = start(server, memoryStore(), { metadata: { ...metadata, ...declared }, ...options })
  await manager.ensure()
  const { headers, form } = await manager.authentication()
  return { headers, form, assertion: form?.['client_assertion'] ?? '', manager }
}

const algorithmOf = (jwt: string): string | undefined => decodeProtectedHeader(jwt).alg

describe('where nobody said how a client with a secret proves itself', () => {
  const unsaid = answering({ token_endpoint_auth_method: undefined })

  test.each([
    [undefined, 'client_secret_basic'],
    [['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
    [['client_secret_post', 'none'], 'client_secret_post'],
    [['client_secret_jwt', 'private_key_jwt'], 'client_secret_jwt'],
    [['private_key_jwt', 'none'], 'client_secret_basic'],
  ])('the list of the server says so: %j, %s', async (list, method) => {
    await using server = await startScriptedServer(unsaid, {
      metadata: { token_endpoint_auth_methods_supported: list },
    })
    const { headers, form } = await proofAt(server, {})
    const used = headers
      ? 'client_secret_basic'
      : form && 'client_assertion' in form
        ? 'client_secret_jwt'
        : 'client_secret_post'
    expect(used).toBe(method)
  })

  test('the question whether the server knows it is put in the same way first', async () => {
    const list = { token_endpoint_auth_methods_supported: ['client_secret_post', 'none'] }
    await using server = await startScriptedServer(unsaid, { open: true, metadata: list })
    const { manager } = start(server, memoryStore(), { accessToken: undefined })
    await manager.reportRejected(await manager.ensure())
    expect(server.requestsTo('token').map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  })

  test('a secret that came though none was asked for is the proof, also after an update whose answer says little', async () => {
    const sparse: Scripts['update'] = (request, usual) => {
      usual()
      return { body: { client_id: request.path.split('/').at(-1) } }
    }
    const scripts = answering({ token_endpoint_auth_method: undefined, client_secret: 'unasked' })
    await using server = await startScriptedServer({ ...scripts, update: sparse })
    const store = new OpenStore()
    const declared = { ...metadata, token_endpoint_auth_method: 'none' }
    const basic = { headers: { authorization: expect.stringMatching(/^Basic /) } }
    const { manager } = start(server, store, { metadata: declared })
    expect(await manager.authentication()).toEqual(basic)
    const renamed = start(server, store, { metadata: { ...declared, client_name: 'Orders' } }).manager
    expect(await renamed.authentication()).toEqual(basic)
  })

  test('a secret of before is no proof of a client that became public, and is not kept', async () => {
    const { update: sparse = [] } = answering({ client_secret: undefined, client_secret_expires_at: undefined })
    await using server = await startScriptedServer({ update: sparse })
    const store = new OpenStore()
    await start(server, store).manager.ensure()
    const { manager } = start(server, store, { metadata: { ...metadata, token_endpoint_auth_method: 'none' } })
    const registration = await manager.ensure()
    expect(registration).not.toHaveProperty('client_secret')
    expect(await manager.authentication()).toEqual({ form: { client_id: registration.client_id } })
  })
})

describe('an assertion that a secret signs', () => {
  const bySecret = { token_endpoint_auth_method: 'client_secret_jwt' }
  const member = 'token_endpoint_auth_signing_alg'

  test.each([
    ['as declared', { [member]: 'HS512' }, {}, {}, 'HS512'],
    ['as the server chose', { [member]: 'HS512' }, { [member]: 'HS384' }, {}, 'HS384'],
    ['as the server lists', {}, {}, { [`${member}_values_supported`]: ['RS256', 'HS384'] }, 'HS384'],
    ['by HS256 otherwise', {}, {}, {}, 'HS256'],
  ])('is signed %s', async (_, declared, answered, listed, alg) => {
    await using server = await startScriptedServer(answering(answered), { metadata: listed })
    const { assertion, manager } = await proofAt(server, { ...bySecret, ...declared })
    expect(algorithmOf(assertion)).toBe(alg)
    server.script({ token: { status: 400, body: { error: 'invalid_grant' } } })
    const asked = server.requestsTo('token').length
    await manager.reportRejected(await manager.ensure()).catch(() => undefined)
    const questions = server.requestsTo('token').slice(asked)
    const signed = questions.map(({ body }) => algorithmOf(new URLSearchParams(body).get('client_assertion') ?? ''))
    expect(new Set(signed)).toEqual(new Set([alg]))
  })

  describe('is not signed by an algorithm that the server chose for another method', () => {
    const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://orders.example.com/jwks' }
    const ofKeys = answering({
      [member]: 'RS256',
      client_secret: 'of-a-client-that-has-keys-0f6e1d9c4b7a25',
      client_secret_expires_at: 0,
    })
    const unsaid = answering({ [member]: undefined })

    test.each([
      ['is updated', unsaid],
      ['is updated, and nothing shows it', { update: { body: 'done' }, read: { status: 405 } } satisfies Scripts],
    ])('where the client %s', async (_, after) => {
      await using server = await startScriptedServer(ofKeys)
      const store = new OpenStore()
      await start(server, store, { metadata: { ...metadata, ...keys } }).manager.ensure()
      server.script(after)
      const { manager } = start(server, store, { metadata: { ...metadata, ...bySecret } })
      const { form } = await manager.authentication()
      expect(algorithmOf(form?.['client_assertion'] ?? '')).toBe('HS256')
    })

    test('where the server shows another method', async () => {
      await using server = await startScriptedServer(ofKeys)
      const { manager } = start(server, new OpenStore(), { metadata: { ...metadata, ...keys } })
      await manager.ensure()
      server.script(answering({ ...bySecret, [member]: undefined }))
      await manager.read()
      const { form } = await manager.authentication()
      expect(algorithmOf(form?.['client_assertion'] ?? '')).toBe('HS256')
    })
  })

  test('is addressed as the profile of the server says', async () => {
    await using server = await startScriptedServer()
    const profile: ServerProfile = { name: 'in-house', tokenAudience: 'token_endpoint' }
    const { assertion } = await proofAt(server, bySecret, { profile })
    expect(decodeJwt(assertion).aud).toBe(`${server.issuer}/token`)
  })

  test('is not made where the server registered an algorithm that is for key pairs', async () => {
    await using server = await startScriptedServer(answering({ [member]: 'RS256' }))
    const error = await failure(proofAt(server, bySecret))
    expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('HS256') })
  })

  test('is refused beforehand where the declared algorithm is none for secrets', async () => {
    await using server = await startScriptedServer()
    for (const alg of ['RS256', 'HS1', 'none']) {
      const error = await failure(proofAt(server, { ...bySecret, [member]: alg }))
      expect(error).toMatchObject({
        code: 'invalid-request',
        findings: expect.arrayContaining([expect.objectContaining({ member })]),
      })
    }
    expect(server.requestsTo('register')).toEqual([])
  })
})

test('a client that uses the aliases for mutual TLS is told where its proof goes, whatever proves it', async () => {
  const token_endpoint = 'https://mtls.as.example/token'
  await using server = await startScriptedServer({}, { metadata: { mtls_endpoint_aliases: { token_endpoint } } })
  const { manager } = start(server, memoryStore(), { useMtlsEndpointAliases: true, accessToken: 'given' })
  server.script({
    register: { status: 201, body: { client_id: 'c1', client_secret: 's1', client_secret_expires_at: 0 } },
  })
  expect(await manager.authentication()).toMatchObject({ endpoint: token_endpoint })
})

test('a client that is declared to use the aliases for mutual TLS is told so where the server does not repeat it', async () => {
  const mtls_endpoint_aliases = { token_endpoint: 'https://mtls.as.example/token' }
  const silent = answering({ use_mtls_endpoint_aliases: undefined })
  await using server = await startScriptedServer(silent, { open: true, metadata: { mtls_endpoint_aliases } })
  const store = memoryStore()
  const declared = { ...metadata, use_mtls_endpoint_aliases: true }
  const { manager } = start(server, store, { metadata: declared, accessToken: undefined, generation: 2 })
  expect(await manager.authentication()).toMatchObject({ endpoint: mtls_endpoint_aliases.token_endpoint })
  // The client is what the release in force declares, for one that is older too.
  const older = start(server, store, { accessToken: undefined, generation: 1 })
  expect(await older.manager.authentication()).toMatchObject({ endpoint: mtls_endpoint_aliases.token_endpoint })
  server.script(answering({ use_mtls_endpoint_aliases: false }))
  const other = start(server, memoryStore(), { metadata: declared, accessToken: undefined })
  expect(await other.manager.authentication()).not.toHaveProperty('endpoint')
})
