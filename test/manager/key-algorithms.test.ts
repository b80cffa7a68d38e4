import { startScriptedServer } from '@registrant/test/servers'
import type { Scripts } from '@registrant/test/servers'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { metadata, OpenStore, start } from './managed.ts'

const member = 'token_endpoint_auth_signing_alg'

/** A server that registers another algorithm than it is asked for. */
const choosing = (alg: () => string): Scripts => {
  const script: Scripts['register'] = (_, usual) => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), [member]: alg() } }
  }
  return { register: script, update: script }
}

const sent = (body: string | undefined): { jwks: { keys: { alg: string; kid: string }[] } } => JSON.parse(body ?? '{}')

describe('the algorithm of managed keys', () => {
  test('is the first of ours that the server lists, and the key is in the store before it is published', async () => {
    const list = ['HS256', 'RS256', 'PS256']
    await using server = await startScriptedServer({}, { metadata: { [`${member}_values_supported`]: list } })
    const store = new OpenStore()
    const saved: string[] = []
    store.beforeSave = (value) => void saved.push(value)
    const { manager } = start(server, store, { keys: {} })
    server.script({
      register: (_, usual) => {
        saved.push('POST')
        return usual()
      },
    })
    const registration = await manager.ensure()
    const [key] = sent(server.requestsTo('register')[0]?.body).jwks.keys
    const { kid, alg } = key ?? { kid: '', alg: '' }
    expect([alg, registration[member]]).toEqual(['PS256', 'PS256'])
    expect(saved[saved.indexOf('POST') - 1]).toContain(kid)
    const { form } = await manager.authentication()
    expect(decodeProtectedHeader(form?.['client_assertion'] ?? '')).toMatchObject({ alg, kid })
    expect(server.requestsTo('update')).toEqual([])
  })

  test('is ES256 where the server lists it, or nothing that keys are made for', async () => {
    for (const list of [['RS256', 'ES256'], ['HS256', 'X9'], []]) {
      await using server = await startScriptedServer({}, { metadata: { [`${member}_values_supported`]: list } })
      expect(await start(server, new OpenStore(), { keys: {} }).manager.ensure()).toMatchObject({ [member]: 'ES256' })
    }
  })

  test.each([
    ['nobody asked for one', {}, {}],
    ['another one was asked for', { alg: 'ES384' }, {}],
    ['another one was declared', {}, { [member]: 'PS256' }],
  ])('is the one that the server chose, where %s: a key for it takes over', async (_, keys, declared) => {
    await using server = await startScriptedServer(choosing(() => 'RS256'))
    const store = new OpenStore()
    const options = { keys, metadata: { ...metadata, ...declared } }
    const { manager } = start(server, store, options)
    const { client_id } = await manager.ensure()
    const { form } = await manager.authentication()
    const { kid, alg } = decodeProtectedHeader(form?.['client_assertion'] ?? '')
    expect(alg).toBe('RS256')
    const published = sent(server.requestsTo('update')[0]?.body).jwks.keys
    expect(published).toContainEqual(expect.objectContaining({ kid, alg: 'RS256' }))
    // Nothing is left to be done, in this process and in the next.
    const before = server.requests.length
    expect((await start(server, store, options).manager.ensure()).client_id).toBe(client_id)
    await manager.ensure()
    expect(server.requests).toHaveLength(before)
    expect(server.clients()).toBe(1)
  })

  test('is followed until that is done: a first update that fails is made again', async () => {
    const { register, update } = choosing(() => 'RS256')
    await using server = await startScriptedServer({ register, update: [{ status: 500 }] })
    using clock = takeClock()
    const { manager } = start(server, new OpenStore(), { keys: {} })
    await manager.ensure()
    server.script({ update })
    clock.pass(60_000)
    await manager.ensure()
    const { form } = await manager.authentication()
    expect(decodeProtectedHeader(form?.['client_assertion'] ?? '')).toMatchObject({ alg: 'RS256' })
  })

  test('is followed once: a server that says another one each time is not asked for ever', async () => {
    const others = ['RS256', 'ES384', 'PS256', 'ES256', 'PS384', 'ES512']
    await using server = await startScriptedServer(choosing(() => others.shift() ?? 'RS256'))
    const store = new OpenStore()
    for (let round = 0; round < 4; round++) await start(server, store, { keys: {} }).manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('stays where the server says one that no key can be made for', async () => {
    await using server = await startScriptedServer(choosing(() => 'HS256'))
    const { manager } = start(server, new OpenStore(), { keys: {} })
    const { form } = await manager.authentication()
    expect(decodeProtectedHeader(form?.['client_assertion'] ?? '').alg).toBe('ES256')
    expect(server.requestsTo('update')).toEqual([])
  })

  test('is refused before anything is sent where no key can do it', async () => {
    await using server = await startScriptedServer()
    const options = { keys: {}, metadata: { ...metadata, [member]: 'HS256' } }
    expect(await failure(start(server, new OpenStore(), options).manager.ensure())).toMatchObject({
      outcome: 'not-sent',
    })
    expect(server.requests).toEqual([])
  })
})

describe('keys of the application’s own', () => {
  const encryption = {
    kty: 'OKP',
    crv: 'X25519',
    x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo',
    use: 'enc',
    kid: 'mine',
  }

  test('are published beside the managed ones, through each rotation, and a change of them is an update', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const declared = { ...metadata, jwks: { keys: [encryption] } }
    const { manager } = start(server, store, { keys: {}, metadata: declared })
    const { client_id } = await manager.ensure()
    const managed = (await manager.status()).jwks?.keys[0]?.kid
    const kidsAt = (): unknown => server.registration(client_id)?.['jwks']
    expect(kidsAt()).toMatchObject({ keys: [{ kid: managed }, { kid: 'mine' }] })
    await manager.rotate()
    const [fresh, old] = (await manager.status()).jwks?.keys ?? []
    expect(old?.kid).toBe(managed)
    expect(kidsAt()).toMatchObject({ keys: [{ kid: fresh?.kid }, { kid: old?.kid }, { kid: 'mine' }] })
    const other = { ...metadata, jwks: { keys: [{ ...encryption, kid: 'other' }] } }
    await start(server, store, { keys: {}, metadata: other }).manager.ensure()
    expect(kidsAt()).toMatchObject({ keys: [{ kid: fresh?.kid }, { kid: old?.kid }, { kid: 'other' }] })
  })

  test('may stand behind a jwks_uri: the managed ones are told for it, before the server asks there, and never sent', async () => {
    const told: unknown[] = []
    await using server = await startScriptedServer()
    const jwks_uri = 'https://app.example/jwks'
    const { manager } = start(server, new OpenStore(), { keys: {}, metadata: { ...metadata, jwks_uri } })
    server.script({
      register: async (_, usual) => {
        told.push(...((await manager.status()).jwks?.keys ?? []))
        return usual()
      },
    })
    await manager.ensure()
    const signer = async (): Promise<string | undefined> =>
      decodeProtectedHeader((await manager.authentication()).form?.['client_assertion'] ?? '').kid
    expect(told).toMatchObject([{ kid: await signer() }])
    expect(JSON.stringify(told)).not.toContain('"d"')
    await manager.rotate()
    const { keys = [] } = (await manager.status()).jwks ?? {}
    expect(keys.map(({ kid }) => kid)).toContain(await signer())
    expect(keys).toHaveLength(2)
    const bodies = [...server.requestsTo('register'), ...server.requestsTo('update')].map(({ body }) => sent(body))
    for (const body of bodies) expect(body).not.toHaveProperty('jwks')
    expect(bodies[0]).toMatchObject({ jwks_uri })
  })
})
