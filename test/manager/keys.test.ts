import {
  clientCredentials,
  InvalidRequestError,
  memoryStore,
  RegistrationClient,
  RegistrationManager,
  StoreError,
} from '@registrant/core'
import type { ClientProof, KeyHome, KeyPair } from '@registrant/core'
import { generateClientKeys, privateKeyJwt } from '@registrant/core/keys'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import type { Scripts } from '@registrant/test/servers'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'

import { ask } from '../keys/speak.ts'
import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { metadata, OpenStore, start } from './managed.ts'

const day = 86_400_000

interface StoredKey {
  kid: string
  madeAt: number
  publicJwk: { kty: string; kid: string; alg: string }
  privateJwk?: { kty: string; d: string }
}
interface StoredKeys {
  version: number
  alg: string
  current: StoredKey
  coming?: StoredKey
  retired?: StoredKey & { until: number }
}

async function keysIn(store: OpenStore): Promise<StoredKeys> {
  const { keys }: { keys: StoredKeys } = JSON.parse((await store.peek()).value)
  return keys
}

/** Lets time pass for the keys: the one that signs was made so much earlier, the retired one ends so much earlier. */
async function age(store: OpenStore, by: number): Promise<void> {
  const { current, retired, ...keys } = await keysIn(store)
  const older = { ...current, madeAt: current.madeAt - by }
  await store.overwrite({
    keys: { ...keys, current: older, retired: retired && { ...retired, until: retired.until - by } },
  })
}

const signerOf = ({ form }: ClientProof): string | undefined =>
  decodeProtectedHeader(form?.['client_assertion'] ?? '').kid

/** A home for keys that a test can look into, and empty. */
function keyHome(): { kept: Map<string, KeyPair>; keys: KeyHome } {
  const kept = new Map<string, KeyPair>()
  const keys = {
    load: async (name: string) => kept.get(name),
    save: async (name: string, pair: KeyPair) => void kept.set(name, pair),
  }
  return { kept, keys }
}

describe('with the option keys', () => {
  test('an assertion is signed as declared, and addressed as the option audience says', async () => {
    await using server = await startScriptedServer()
    const declared = { ...metadata, token_endpoint_auth_signing_alg: 'PS256' }
    const options = { keys: { audience: 'token_endpoint' as const }, metadata: declared }
    const { manager } = start(server, new OpenStore(), options)
    const registration = await manager.ensure()
    expect(registration).toMatchObject({ token_endpoint_auth_signing_alg: 'PS256', jwks: { keys: [{ alg: 'PS256' }] } })
    const { client_assertion: jwt = '' } = (await manager.authentication()).form ?? {}
    expect(decodeProtectedHeader(jwt)).toMatchObject({ alg: 'PS256', typ: 'client-authentication+jwt' })
    const { token_endpoint } = await new RegistrationClient({ issuer: server.issuer }).discover()
    expect(JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      aud: token_endpoint,
    })
  })

  test('the key is in the store before anything is sent, and a client without a secret is registered with it', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const saved: string[] = []
    store.beforeSave = (value) => void saved.push(value)
    const registration = await start(server, store, { keys: {} }).manager.ensure()
    const { current } = await keysIn(store)
    expect(JSON.parse(saved[0] ?? '')).toMatchObject({ intent: { operation: 'register' }, keys: { current } })
    expect(current.privateJwk).toHaveProperty('d')
    const [sent] = server.requestsTo('register')
    const keys = [current.publicJwk]
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      ...metadata,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys },
    })
    expect(keys[0]).not.toHaveProperty('d')
    expect(registration).not.toHaveProperty('client_secret')
    expect(registration).toMatchObject({ jwks: { keys } })
  })

  test('the keys that status() gives are the caller’s to change: what is put back after a loss is what was stored', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store, { keys: {} })
    await manager.ensure()
    const before = await keysIn(store)
    for (const key of (await manager.status()).jwks?.keys ?? []) key.kid = 'mine'
    store.lose()
    await manager.ensure()
    expect(await keysIn(store)).toEqual(before)
  })

  test('authentication signs afresh for each token request, without asking the server for anything', async () => {
    await using server = await startScriptedServer()
    const { manager } = start(server, new OpenStore(), { keys: { alg: 'EdDSA' } })
    const { client_id } = await manager.ensure()
    const before = server.requests.length
    const [one, two] = [await manager.authentication(), await manager.authentication()]
    expect(server.requests).toHaveLength(before)
    expect(one.form?.['client_id']).toBe(client_id)
    const [first, second] = [one, two].map(({ form }) => decodeJwt(form?.['client_assertion'] ?? ''))
    expect(first).toMatchObject({ iss: client_id, sub: client_id, aud: server.issuer })
    expect(second?.jti).not.toBe(first?.jti)
    expect(decodeProtectedHeader(one.form?.['client_assertion'] ?? '').alg).toBe('EdDSA')
  })

  test('replicas that start together register one client with one key', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const managers = Array.from({ length: 5 }, () => start(server, store, { keys: {} }).manager)
    const registrations = await Promise.all(managers.map((manager) => manager.ensure()))
    expect(new Set(registrations.map(({ client_id }) => client_id)).size).toBe(1)
    const signers = await Promise.all(managers.map(async (manager) => signerOf(await manager.authentication())))
    expect(new Set(signers)).toEqual(new Set([(await keysIn(store)).current.kid]))
    expect(server.clients()).toBe(1)
  })

  test('a start that loses the answer leaves a client that only this key can use, and the next start uses the key again', async () => {
    await using server = await startScriptedServer({ register: [{ lost: 'after' }] })
    const store = new OpenStore()
    expect(await failure(start(server, store, { keys: {} }).manager.ensure())).toMatchObject({ outcome: 'unknown' })
    const { current } = await keysIn(store)
    const [orphan = ''] = server.clientIds()
    expect(server.registration(orphan)).not.toHaveProperty('client_secret')
    expect(server.registration(orphan)).toMatchObject({ jwks: { keys: [current.publicJwk] } })
    using clock = takeClock()
    clock.pass(1000)

    const { manager } = start(server, store, { keys: {} })
    const { client_id } = await manager.ensure()
    expect(client_id).not.toBe(orphan)
    expect(signerOf(await manager.authentication())).toBe(current.kid)
    expect((await manager.status()).orphans).toHaveLength(1)
  })

  test('a store with a home for keys keeps the private one there, and it cannot be exported', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { kept, keys } = keyHome()
    const home = {
      load: (key: string) => store.load(key),
      save: (key: string, value: string, expected: string | undefined) => store.save(key, value, expected),
      keys,
    }
    const { manager, events } = start(server, home, { keys: {} })
    await manager.ensure()
    const { current } = await keysIn(store)
    expect(current).not.toHaveProperty('privateJwk')
    expect([...kept.keys()]).toEqual([current.kid])
    expect(kept.get(current.kid)?.privateKey.extractable).toBe(false)
    expect(signerOf(await manager.authentication())).toBe(current.kid)

    // A volume that is lost takes the client with it: of what use is one that nobody can prove?
    const { client_id } = await manager.ensure()
    kept.clear()
    const proof = await manager.authentication()
    const fresh = await manager.ensure()
    expect(fresh.client_id).not.toBe(client_id)
    expect(proof.form?.['client_id']).toBe(fresh.client_id)
    expect([...kept.keys()]).toEqual([signerOf(proof)])
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', rule: 'key-lost' }))
    expect((await manager.status()).replaced).toMatchObject([{ client_id }])
    // A start that still works by the old record finds what there is.
    expect(await start(server, home, { keys: {} }).manager.ensure()).toEqual(fresh)
  })

  test.for([
    ['the server is left alone', { code: 'attempts-spent', retryAfter: expect.any(Number) }],
    ['nothing can be saved', { code: 'store-denied' }],
  ] as const)('where a key is gone and %s, authentication() says so', async ([why, expected]) => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { kept, keys } = keyHome()
    const { manager } = start(server, Object.assign(store, { keys }), { keys: {} })
    await manager.ensure()
    kept.clear()
    if (why === 'nothing can be saved')
      store.beforeSave = () => {
        throw new StoreError('store-denied', 'read-only')
      }
    else {
      server.script({ read: [{ status: 429, headers: { 'retry-after': '60' } }] })
      await failure(manager.read())
    }
    expect(await failure(manager.authentication())).toMatchObject(expected)
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test.for(['throws', 'hangs'] as const)('a home for keys that %s is a store that failed', async (how) => {
    await using server = await startScriptedServer()
    const kept = new Map<string, KeyPair>()
    const inner = memoryStore()
    let isBroken = true
    const asked = async <T>(answer: () => T): Promise<T> => {
      if (isBroken && how === 'hangs') return new Promise(() => undefined)
      if (isBroken) throw new Error('QuotaExceededError')
      return answer()
    }
    const keys = {
      load: (name: string) => asked(() => kept.get(name)),
      save: (name: string, pair: KeyPair) => asked(() => void kept.set(name, pair)),
    }
    const { manager, events } = start(server, { ...inner, keys }, { keys: { rotateAfter: 30 * day } })
    const failed = { name: 'StoreError', code: 'store-unavailable', outcome: 'not-sent' }
    expect(await failure(manager.ensure())).toMatchObject(failed)
    expect(server.requestsTo('register')).toEqual([])
    isBroken = false
    const { client_id } = await manager.ensure()
    isBroken = true
    expect(await failure(manager.rotate())).toMatchObject(failed)
    expect(await failure(manager.authentication())).toMatchObject(failed)
    // The client works with the key that it has: another one that is due takes nothing away.
    using clock = takeClock()
    clock.pass(31 * day)
    expect((await manager.ensure()).client_id).toBe(client_id)
    expect(events).toContainEqual(expect.objectContaining({ type: 'drift', reason: 'store' }))
    isBroken = false
    const old = [...kept.keys()]
    expect(old).not.toContain(signerOf(await manager.authentication()))
    expect(server.clients()).toBe(1)
  })

  test('a home for keys that keeps none is a store that failed', async () => {
    await using server = await startScriptedServer()
    const keys = { load: async () => undefined, save: async () => undefined }
    const { manager } = start(server, { ...memoryStore(), keys }, { keys: {} })
    expect(await failure(manager.authentication())).toMatchObject({ name: 'StoreError', code: 'store-unavailable' })
  })

  test('a client that had a secret is given a key by an update, and one that had a key a secret', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    const keyed = start(server, store, { keys: {} }).manager
    expect(await keyed.ensure()).toMatchObject({ client_id, token_endpoint_auth_method: 'private_key_jwt' })
    expect(signerOf(await keyed.authentication())).toBe((await keysIn(store)).current.kid)
    const generation = 2
    const declared = { ...metadata, token_endpoint_auth_method: 'client_secret_post' }
    const back = await start(server, store, { metadata: declared, generation }).manager.ensure()
    expect(back).toMatchObject({ client_id, token_endpoint_auth_method: 'client_secret_post' })
    expect(back).not.toHaveProperty('jwks')
    expect(await keysIn(store)).toBeUndefined()
  })

  test('a client whose update made it one with a secret, and brought none, is replaced', async () => {
    const method = { token_endpoint_auth_method: 'client_secret_basic' }
    await using server = await startScriptedServer({
      update: (_, usual) => {
        const { body, ...answer } = usual()
        return { ...answer, body: { ...Object(body), ...method } }
      },
    })
    const store = new OpenStore()
    const first = await start(server, store, { keys: {} }).manager.ensure()
    const { manager } = start(server, store, { keys: {}, metadata: { ...metadata, client_name: 'two' } })
    expect((await manager.ensure()).client_id).not.toBe(first.client_id)
    expect(signerOf(await manager.authentication())).toBe((await keysIn(store)).current.kid)
  })

  test('what contradicts it is refused at once', () => {
    const options = { issuer: 'https://as.example', application: 'orders', store: new OpenStore() }
    const contradictions = [
      { keys: { alg: 'ES256' }, metadata: { token_endpoint_auth_signing_alg: 'PS256' } },
      { keys: {}, metadata: { token_endpoint_auth_method: 'client_secret_basic' } },
      { keys: { rotateAfter: 0 }, metadata: {} },
    ]
    for (const wrong of contradictions)
      expect(() => new RegistrationManager({ ...options, ...wrong })).toThrow(InvalidRequestError)
  })
})

describe('a key whose time has come', () => {
  const keys = { rotateAfter: 30 * day }

  test('is followed by another at a real server: both are good for the overlap, then the old one is refused', async () => {
    await using server = await startOidcProvider()
    const store = new OpenStore()
    const manager = new RegistrationManager({
      issuer: server.issuer,
      application: 'orders',
      metadata: { ...metadata, scope: 'orders:read' },
      accessToken: clientCredentials(server.registrar),
      store,
      keys,
    })
    const { client_id } = await manager.ensure()
    const { current: old } = await keysIn(store)
    const as = { issuer: server.issuer, token_endpoint: `${server.url}/token` }
    const withOld = async (): Promise<number> => {
      if (old.privateJwk === undefined) throw new Error('the key is in the record')
      const proof = await privateKeyJwt({ key: { ...old.privateJwk, kid: old.kid } })({
        clientId: client_id,
        server: as,
      })
      return (await ask(as, proof)).status
    }
    const withManager = async (): Promise<number> => (await ask(as, await manager.authentication())).status
    expect([await withManager(), await withOld()]).toEqual([200, 200])

    await age(store, 31 * day)
    expect((await manager.ensure()).client_id).toBe(client_id)
    const { current: fresh, retired } = await keysIn(store)
    expect(retired?.kid).toBe(old.kid)
    expect(signerOf(await manager.authentication())).toBe(fresh.kid)
    expect([await withManager(), await withOld()]).toEqual([200, 200])
    const requests = server.requests.length
    await manager.ensure()
    expect(server.requests).toHaveLength(requests)

    await age(store, 2 * 3_600_000)
    expect((await manager.ensure()).client_id).toBe(client_id)
    expect([await withManager(), await withOld()]).toEqual([200, 401])
    expect(await keysIn(store)).not.toHaveProperty('retired')
    expect(server.clients()).toBe(1)
  })

  test('stays in use while the server refuses another, and the same new one is offered again', async () => {
    await using server = await startScriptedServer({ update: [{ status: 400, body: { error: 'invalid_request' } }] })
    const store = new OpenStore()
    const { manager, told } = start(server, store, { keys })
    const { client_id } = await manager.ensure()
    const { current: old } = await keysIn(store)
    await age(store, 31 * day)
    expect((await manager.ensure()).client_id).toBe(client_id)
    expect(told()).toContain('drift')
    expect(signerOf(await manager.authentication())).toBe(old.kid)
    const { coming } = await keysIn(store)

    using clock = takeClock()
    clock.pass(60_000)
    await manager.ensure()
    expect((await keysIn(store)).current.kid).toBe(coming?.kid)
    expect(server.requestsTo('update')).toHaveLength(2)
  })

  test.for(['is heard', 'is lost'] as const)(
    'is followed by another that is told as renewed, once, where the answer to the update %s',
    async (answer) => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      const { manager, events } = start(server, store, { keys, overlap: 1000 })
      const { client_id } = await manager.ensure()
      const renewed = (): unknown[] => events.filter(({ type }) => type === 'renewed')
      if (answer === 'is lost') server.script({ update: [{ lost: 'after' }] })
      using clock = takeClock()
      clock.pass(31 * day)
      for (const pass of [0, 120_000, 120_000]) {
        clock.pass(pass)
        await manager.ensure()
      }
      expect(signerOf(await manager.authentication())).toBe((await keysIn(store)).current.kid)
      expect(renewed()).toMatchObject([{ client_id }])
      // That the old one is dropped is no news of that kind.
      expect(await keysIn(store)).not.toHaveProperty('retired')
    },
  )

  /** A server that answers each update with these keys, or with those that it was sent; it leaves their names out. */
  const showing = (only?: StoredKey): Scripts['update'] => {
    return (_, usual) => {
      const { body, ...answer } = usual()
      const sent: object[] = Object(Object(body).jwks).keys
      const shown = only ? [only.publicJwk] : sent
      return { ...answer, body: { ...Object(body), jwks: { keys: shown.map((key) => ({ ...key, kid: undefined })) } } }
    }
  }

  test('goes on signing while the server keeps it alone, by its answers: the same new one is offered again', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, told, events } = start(server, store, { keys })
    const { client_id } = await manager.ensure()
    const { current: old } = await keysIn(store)
    server.script({ update: showing(old) })
    await age(store, 31 * day)
    expect((await manager.ensure()).client_id).toBe(client_id)
    expect(signerOf(await manager.authentication())).toBe(old.kid)
    expect(told()).toEqual(['intent', 'registered', 'intent', 'drift'])
    expect(events.at(-1)).toMatchObject({ type: 'drift', reason: 'kept' })
    expect((await manager.status()).waiting).toMatchObject([{ for: 'declaration' }])
    const { coming } = await keysIn(store)
    expect(server.requestsTo('update')).toHaveLength(1)

    server.script({ update: showing() })
    using clock = takeClock()
    clock.pass(60_000)
    await manager.ensure()
    expect(signerOf(await manager.authentication())).toBe(coming?.kid)
    expect((await manager.status()).waiting).toEqual([])
    expect(server.requestsTo('update')).toHaveLength(2)
  })

  test('goes on signing beside another declaration that the server takes, and which stays in force', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store, { keys: { alg: 'ES256' } }).manager.ensure()
    const { current: old } = await keysIn(store)
    server.script({ update: showing(old) })
    const other = { keys: { alg: 'PS256' }, metadata: { ...metadata, client_name: 'two' } }
    const { manager } = start(server, store, other)
    expect(await manager.ensure()).toMatchObject({ client_name: 'two' })
    expect(signerOf(await manager.authentication())).toBe(old.kid)
    await start(server, store, other).manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('takes the client with it at rotate(), where the server keeps it alone', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager, told } = start(server, store, { keys })
    const { client_id } = await manager.ensure()
    const { current: old } = await keysIn(store)
    server.script({ update: showing(old) })
    const fresh = await manager.rotate()
    expect(fresh.client_id).not.toBe(client_id)
    const signer = signerOf(await manager.authentication())
    expect(signer).not.toBe(old.kid)
    expect(fresh).toMatchObject({ jwks: { keys: [{ kid: signer }] } })
    expect(told().filter((type) => type === 'renewed')).toHaveLength(1)
  })

  test.for(['before', 'after'] as const)(
    'is replaced once when the answer to the update is lost (%s)',
    async (lost) => {
      await using server = await startScriptedServer({ update: [{ lost }] })
      const store = new OpenStore()
      const { manager } = start(server, store, { keys })
      const { client_id } = await manager.ensure()
      const { current: old } = await keysIn(store)
      await age(store, 31 * day)
      await manager.ensure()
      const { coming, current: signs } = await keysIn(store)
      expect(signerOf(await manager.authentication())).toBe(signs.kid)
      // A look has found out whether the server has it.
      expect(signs.kid === old.kid).toBe(lost === 'before')
      using clock = takeClock()
      clock.pass(1000)
      await manager.ensure()
      expect(await keysIn(store)).toMatchObject({ retired: { kid: old.kid } })
      const { current } = await keysIn(store)
      expect(current.kid).toBe(lost === 'before' ? coming?.kid : signs.kid)
      const published = [current.kid, old.kid]
      expect(server.registration(client_id)).toMatchObject({ jwks: { keys: published.map((kid) => ({ kid })) } })
      expect(server.clients()).toBe(1)
    },
  )

  test('takes the client with it where the client cannot be updated', async () => {
    const bare = { registration_access_token: undefined, registration_client_uri: undefined }
    await using server = await startScriptedServer({
      register: (_, usual) => {
        const answer = usual()
        return { ...answer, body: { ...Object(answer.body), ...bare } }
      },
    })
    const store = new OpenStore()
    const { manager } = start(server, store, { keys })
    const { client_id } = await manager.ensure()
    const { current: old } = await keysIn(store)
    await age(store, 31 * day)
    const fresh = await manager.ensure()
    expect(fresh.client_id).not.toBe(client_id)
    const { current, retired } = await keysIn(store)
    expect(current.kid).not.toBe(old.kid)
    expect(retired).toBeUndefined()
    expect(fresh).toMatchObject({ jwks: { keys: [current.publicJwk] } })
    await manager.ensure()
    expect(server.clients()).toBe(2)
  })

  for (const [how, answer] of Object.entries({
    'the server refuses': { status: 400, body: { error: 'invalid_client_metadata' } },
    'the server is in trouble': { status: 503 },
    'nobody answers': { lost: 'before' as const },
  }))
    test(`goes on signing where another client was to take its place and ${how}, in each replica`, async () => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      const options = { keys: {}, profile: { name: 'no updates', cannot: { update: 'It does not.' } } }
      const { manager } = start(server, store, options)
      const { client_id } = await manager.ensure()
      const { kid } = (await keysIn(store)).current
      const signers: (string | undefined)[] = []
      const sign = async (): Promise<void> => {
        signers.push(signerOf(await start(server, store, options).manager.authentication()))
      }
      server.script({
        register: async () => {
          await sign()
          return answer
        },
      })
      await failure(manager.rotate())
      signers.push(signerOf(await manager.authentication()))
      await sign()
      expect(signers).toEqual([kid, kid, kid])
      server.script({ register: undefined })
      using clock = takeClock()
      clock.pass(3_600_000)
      expect((await manager.rotate()).client_id).not.toBe(client_id)
      expect((await keysIn(store)).current.kid).not.toBe(kid)
      expect(await keysIn(store)).not.toHaveProperty('retired')
    })

  test('that was dropped is taken from the server too, also where the update that does so fails at first', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store, { keys: {}, overlap: 1000 })
    const { client_id } = await manager.ensure()
    const { kid } = (await keysIn(store)).current
    const published = (): unknown => JSON.stringify(server.registration(client_id)?.['jwks'])
    await manager.rotate()
    expect(published()).toContain(kid)
    server.script({ update: [{ status: 500 }] })
    using clock = takeClock()
    clock.pass(2000)
    await manager.ensure()
    expect(published()).toContain(kid)
    expect(JSON.stringify((await manager.status()).jwks)).toContain(kid)
    clock.pass(60_000)
    await manager.ensure()
    expect(published()).not.toContain(kid)
  })

  test('of the application proves the client until the server has that of the manager', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const own = {
      ...metadata,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [(await generateClientKeys()).publicJwk] },
    }
    await start(server, store, { metadata: own }).manager.ensure()
    server.script({ update: [{ status: 500 }] })
    const { manager } = start(server, store, { keys: {} })
    await manager.ensure()
    expect(await failure(manager.authentication())).toMatchObject({ code: 'unsupported' })
    using clock = takeClock()
    clock.pass(60_000)
    await manager.ensure()
    expect(signerOf(await manager.authentication())).toBe((await keysIn(store)).current.kid)
  })

  test('of another kind is made when another algorithm is declared', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { client_id } = await start(server, store, { keys: { alg: 'ES256' } }).manager.ensure()
    const { manager } = start(server, store, { keys: { alg: 'PS256' } })
    expect((await manager.ensure()).client_id).toBe(client_id)
    const { current, retired } = await keysIn(store)
    expect([current.publicJwk.alg, retired?.publicJwk.alg]).toEqual(['PS256', 'ES256'])
    expect(decodeProtectedHeader((await manager.authentication()).form?.['client_assertion'] ?? '').alg).toBe('PS256')
  })
})
