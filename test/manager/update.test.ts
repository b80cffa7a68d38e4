import { memoryStore, StoreError } from '@registrant/core'
import type { ManagerOptions, RegistrationManager, ServerProfile } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest, ScriptedServer } from '@registrant/test/servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { takeClock } from '../support/clock.ts'
import type { Clock } from '../support/clock.ts'
import { failure } from '../support/failure.ts'
import { Life } from '../support/life.ts'
import { gate, metadata, OpenStore, payer, sayingLittle, start } from './managed.ts'

const named = { ...metadata, client_name: 'orders 1' }
const labels = [...Object.keys(metadata), 'client_label']
const renamed = { ...metadata, client_name: 'orders 2' }

let clock: Clock
beforeEach(() => {
  clock = takeClock()
})
afterEach(() => clock[Symbol.dispose]())

describe('a changed declaration', () => {
  test('is put to the server, and the client stays', async () => {
    await using server = await startScriptedServer({}, { rotate: 'update' })
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    const { manager, told } = start(server, store, { metadata: renamed })
    expect(await manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    expect(told()).toEqual(['intent', 'updated'])
    const third = start(server, store, { metadata: renamed })
    expect(await third.manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    expect(third.told()).toEqual(['reused'])
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('that our own rules refuse is thrown once where nothing can be updated, and the client in use goes on', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const profile = { name: 'no updates', cannot: { update: 'It does not.' } }
    const { client_id } = await start(server, store, { profile }).manager.ensure()
    const wrong = { ...metadata, redirect_uris: ['https://app.example/callback#fragment'] }
    const { manager } = start(server, store, { profile, metadata: wrong })
    expect(await failure(manager.ensure())).toMatchObject({ code: 'invalid-request' })
    for (let times = 0; times < 3; times++) {
      expect(await manager.ensure()).toMatchObject({ client_id })
      clock.pass(120_000)
    }
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('that the server refuses is put to it once, also while another one is refused in turn with it', async () => {
    const refused = [
      { ...metadata, client_name: 'refused 1' },
      { ...metadata, client_name: 'refused 2' },
    ]
    const update = ({ body }: ScriptedRequest, usual: () => Answer): Answer =>
      body.includes('refused') ? { status: 400, body: { error: 'invalid_client_metadata' } } : usual()
    await using server = await startScriptedServer({ update })
    const store = memoryStore()
    const { client_id } = await start(server, store).manager.ensure()
    const ensureOf = (declared: object) =>
      start(server, store, { metadata: { ...metadata, ...declared } }).manager.ensure()
    for (const wrong of refused) expect(await failure(ensureOf(wrong))).toMatchObject({ status: 400 })
    for (const wrong of [...refused, ...refused]) expect(await ensureOf(wrong)).toMatchObject({ client_id })
    // What is in force asks for other credentials meanwhile: the refused ones are as wrong as before.
    clock.pass(10_000)
    await start(server, store).manager.rotate()
    for (const wrong of refused) await ensureOf(wrong)
    const updates = server.requestsTo('update').filter(({ body }) => body.includes('refused'))
    expect(updates).toHaveLength(2)
    expect(await ensureOf({ client_name: 'corrected' })).toMatchObject({ client_name: 'corrected' })
  })

  for (const [name, answer] of Object.entries<Answer>({
    'status 500': { status: 500 },
    'no answer': { lost: 'before' },
    'a page': { status: 502, body: '<html>bad gateway</html>', headers: { 'content-type': 'text/html' } },
  }))
    test(`is not put to a server that fails more often by two releases that start in turn than by one: ${name}`, async () => {
      await using server = await startScriptedServer({ update: answer })
      const store = memoryStore()
      const { client_id } = await start(server, store, { metadata: named }).manager.ensure()
      for (let n = 0; n < 6; n++) {
        const { manager } = start(server, store, {
          metadata: n % 2 === 0 ? renamed : { ...named, client_name: 'orders 3' },
        })
        expect(await manager.ensure()).toMatchObject({ client_id })
      }
      expect(server.requestsTo('update')).toHaveLength(1)
    })

  test('waits while the server has no metadata, and the client stays', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { client_id } = await start(server, store).manager.ensure()
    server.script({ discovery: { status: 404, body: 'default backend - 404' } })
    const { manager } = start(server, store, { metadata: renamed })
    for (let n = 0; n < 5; n++) {
      expect(await manager.ensure()).toMatchObject({ client_id })
      clock.pass(30 * 60_000)
    }
    await expect(manager.rotate()).rejects.toMatchObject({ code: 'no-registration-endpoint' })
    server.script({ discovery: (_, usual) => usual() })
    clock.pass(30 * 60_000)
    expect(await manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    expect(server.requestsTo('register')).toHaveLength(1)
  })

  test('of a member that the server calls otherwise arrives there', async () => {
    await using server = await startScriptedServer()
    const profile = { name: 'in-house', aliases: { client_name: 'client_label' }, accepts: labels }
    const store = memoryStore()
    const { client_id } = await start(server, store, { metadata: named, profile }).manager.ensure()
    const { manager } = start(server, store, { metadata: renamed, profile })
    expect(await manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    expect(server.registration(client_id)).toMatchObject({ client_label: 'orders 2' })
  })

  test('of a text in a language arrives, and goes, at a server that spells language tags in lower case', async () => {
    const lowered = (_: unknown, usual: () => Answer): Answer => {
      const answer = usual()
      const said = Object.entries(Object(answer.body)).map(([name, value]) => [name.replace('#fr-CA', '#fr-ca'), value])
      return { ...answer, body: Object.fromEntries(said) }
    }
    await using server = await startScriptedServer({ register: lowered, read: lowered, update: lowered })
    const store = memoryStore()
    const put = async (texts: object): Promise<unknown> => {
      await start(server, store, { metadata: { ...named, ...texts } }).manager.ensure()
      return JSON.parse(server.requestsTo('update').at(-1)?.body ?? '{}')
    }
    await put({ 'client_name#fr-CA': 'un' })
    const changed = await put({ 'client_name#fr-CA': 'deux', 'tos_uri#fr-CA': 'https://app.example/fr' })
    expect(changed).toMatchObject({ 'client_name#fr-CA': 'deux' })
    expect(changed).not.toHaveProperty(['client_name#fr-ca'])
    const taken = await put({ 'tos_uri#fr-CA': 'https://app.example/fr' })
    expect(Object.keys(Object(taken)).filter((name) => name.includes('#'))).toEqual(['tos_uri#fr-CA'])
  })

  test('is not taken for made where a success says a sentence of refusal and whom it is about', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const { client_id } = await start(server, store, { metadata: named }).manager.ensure()
    server.script({ update: { body: { error: 'That name is not allowed here', client_id } } })
    const { manager, told } = start(server, store, { metadata: renamed })
    expect(await manager.ensure()).toMatchObject({ client_id, client_name: 'orders 1' })
    expect(told()).toEqual(['intent', 'drift'])
  })

  test('is sent without keys where the server says that there are none, however it says so', async () => {
    for (const keys of [undefined, null, []]) {
      const answer = (_: ScriptedRequest, usual: () => Answer): Answer => {
        const { body, ...rest } = usual()
        return { ...rest, body: { ...Object(body), jwks: { keys } } }
      }
      await using server = await startScriptedServer({ register: answer, read: answer, update: answer })
      const store = memoryStore()
      await start(server, store, { metadata: named }).manager.ensure()
      await start(server, store, { metadata: renamed }).manager.ensure()
      expect(server.requestsTo('update').map(({ body }) => body)).toEqual([expect.not.stringContaining('jwks')])
    }
  })

  test('that is too large to be kept is thrown once and not sent; the client stays in use', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    const { manager, told } = start(server, store, { metadata: { ...metadata, client_name: 'x'.repeat(33_000) } })
    expect(await failure(manager.ensure())).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('can not be kept'),
    })
    expect(await manager.ensure()).toMatchObject({ client_id })
    expect(told().at(-1)).toBe('drift')
    expect(server.requestsTo('update')).toEqual([])
  })

  test('takes out what the one before had and it has no more', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const before = { ...renamed, contacts: ['ops@app.example'] }
    const { client_id } = await start(server, store, { metadata: before }).manager.ensure()
    await start(server, store).manager.ensure()
    const held = server.registration(client_id)
    expect(held).not.toHaveProperty('contacts')
    expect(held).not.toHaveProperty('client_name')
  })

  test('is made where the server keeps the redirect URI of the one before, of which its answers said nothing', async () => {
    const short = (_: ScriptedRequest, usual: () => Answer): Answer => {
      const { body, ...answer } = usual()
      return { ...answer, body: { ...Object(body), redirect_uris: undefined } }
    }
    await using server = await startScriptedServer({ register: short, read: short })
    const store = memoryStore()
    const [old, fresh] = ['https://app.example/old', 'https://app.example/new']
    const { client_id } = await start(server, store, {
      metadata: { ...metadata, redirect_uris: [old] },
    }).manager.ensure()
    server.script({
      update: (_, usual) => {
        const { body, ...answer } = usual()
        return { ...answer, body: { ...Object(body), redirect_uris: [old, fresh] } }
      },
    })
    const { manager, told } = start(server, store, { metadata: { ...metadata, redirect_uris: [fresh] } })
    expect(await manager.ensure()).toMatchObject({ client_id, redirect_uris: [old, fresh] })
    expect(told()).toEqual(['intent', 'updated'])
    await manager.read()
    await manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('that is answered with another client lists and tells of that one, which sweep() alone deletes', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    const other = await start(server, new OpenStore()).manager.ensure()
    server.script({ update: { body: other } })
    const { manager, events } = start(server, store, { metadata: renamed, overlap: 0 })
    expect(await failure(manager.ensure())).toMatchObject({ rule: 'client-id-changed' })
    expect(await manager.ensure()).toMatchObject({ client_id })
    const orphan = { client_id: other.client_id }
    expect(events).toContainEqual(expect.objectContaining({ type: 'orphan', orphan: expect.objectContaining(orphan) }))
    expect(await manager.status()).toMatchObject({ orphans: [orphan] })
    await manager.close()
    expect(server.requestsTo('delete')).toEqual([])
    await start(server, store).manager.sweep()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('that the server refuses is thrown, and the client stays as it was', async () => {
    await using server = await startScriptedServer({
      update: { status: 400, body: { error: 'invalid_client_metadata', error_description: 'no such scope' } },
    })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    const error = await failure(start(server, store, { metadata: renamed }).manager.ensure())
    expect(error).toMatchObject({ name: 'ServerRefusedError', status: 400 })
    expect((await store.peek()).record).toMatchObject({ registration: first })
    // The replicas with the old declaration go on; with the new one the client in use is returned, and the reason is told.
    expect(await start(server, store).manager.ensure()).toEqual(first)
    const again = start(server, store, { metadata: renamed })
    expect(await again.manager.ensure()).toEqual(first)
    expect(again.events).toMatchObject([
      { type: 'drift', reason: 'refused', message: expect.stringContaining('no such scope') },
    ])
    expect(await again.manager.status()).toMatchObject({ state: 'registered', waiting: [{ for: 'declaration' }] })
    expect(server.requestsTo('update')).toHaveLength(1)
    // Another declaration is put at once, and this one again after a minute, without a throw.
    clock.pass(60_000)
    expect(await start(server, store, { metadata: renamed }).manager.ensure()).toEqual(first)
    expect(server.requestsTo('update')).toHaveLength(2)
    clock.pass(60_000)
    expect(await start(server, store, { metadata: renamed }).manager.ensure()).toEqual(first)
    expect(server.requestsTo('update')).toHaveLength(2)
    server.script({ update: undefined })
    const other = start(server, store, { metadata: { ...metadata, client_name: 'orders 3' } })
    expect(await other.manager.ensure()).toMatchObject({ client_name: 'orders 3' })
  })

  test('waits where the metadata that say where clients are managed can not be read for a moment', async () => {
    await using registry = await startScriptedServer({}, { open: true })
    let isTroubled = false
    await using host = await startScriptedServer({
      discovery: ({ path }) => {
        const { url: issuer } = host
        if (path.endsWith('oauth-authorization-server')) return { body: { issuer } }
        if (isTroubled) return { status: 500 }
        return { body: { issuer, registration_endpoint: `${registry.url}/register` } }
      },
    })
    const store = memoryStore()
    const declaring = (client_name: string): RegistrationManager =>
      start(host, store, { accessToken: undefined, metadata: { ...metadata, client_name } }).manager
    const { client_id } = await declaring('orders').ensure()
    isTroubled = true
    const later = declaring('orders 2')
    expect(await later.ensure()).toMatchObject({ client_id, client_name: 'orders' })
    isTroubled = false
    clock.pass(60_000)
    expect(await later.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    expect(registry.requestsTo('register')).toHaveLength(1)
  })

  test('that breaks a rule is thrown before anything is sent', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    const strict: ServerProfile = { name: 'strict', accepts: Object.keys(metadata) }
    const wrong = { ...metadata, contacts: ['ops@app.example'] }
    const { manager } = start(server, store, { metadata: wrong, profile: strict })
    expect(await failure(manager.ensure())).toMatchObject({ code: 'invalid-request' })
    expect((await store.peek()).record).toMatchObject({ registration: first })
    expect(server.requestsTo('update')).toEqual([])
  })

  for (const [name, script] of Object.entries({
    'answers 500': { status: 500 },
    'does not answer': { lost: 'before' as const },
    'answers something unreadable': { status: 200, body: '<html>' },
  })) {
    test(`leaves the client as it is when the server ${name}, looks, and sends again a second later`, async () => {
      await using server = await startScriptedServer({ update: [script] })
      const store = new OpenStore()
      const first = await start(server, store, { metadata: named }).manager.ensure()
      const second = start(server, store, { metadata: renamed })
      const before = server.requests.length
      expect(await second.manager.ensure()).toEqual(first)
      expect(server.requests.slice(before).map(({ endpoint }) => endpoint)).toEqual(['discovery', 'update', 'read'])
      expect(second.told()).toEqual(['intent', 'drift'])
      expect(await second.manager.status()).toMatchObject({
        state: 'registered',
        waiting: [{ for: 'declaration', until: expect.any(Number), reason: expect.any(String) }],
      })
      expect(await start(server, store, { metadata: renamed }).manager.ensure()).toEqual(first)
      expect(server.requestsTo('update')).toHaveLength(1)
      clock.pass(1000)
      expect(await second.manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
      expect(server.requestsTo('update')).toHaveLength(2)
      expect(server.clients()).toBe(1)
      expect(await second.manager.status()).toMatchObject({ state: 'registered', waiting: [] })
    })

    test(`is put once more in the same call when the server ${name} and shows nothing of it`, async () => {
      await using server = await startScriptedServer({ update: [script] })
      const store = new OpenStore()
      await start(server, store).manager.ensure()
      const second = start(server, store, { metadata: renamed })
      const before = server.requests.length
      expect(await second.manager.ensure()).toMatchObject({ client_name: 'orders 2' })
      const asked = server.requests.slice(before).map(({ endpoint }) => endpoint)
      expect(asked).toEqual(['discovery', 'update', 'read', 'update'])
      expect(second.told()).toEqual(['intent', 'updated'])
    })
  }

  test('waits as long as the server asks for', async () => {
    await using server = await startScriptedServer({ update: [{ status: 503, headers: { 'retry-after': '30' } }] })
    const store = new OpenStore()
    const first = await start(server, store, { metadata: named }).manager.ensure()
    for (const declared of [renamed, renamed, { ...metadata, client_name: 'orders 3' }]) {
      const { manager, told } = start(server, store, { metadata: declared })
      expect(await manager.ensure()).toEqual(first)
      expect(told().at(-1)).toBe('drift')
      expect((await manager.status()).waiting).toContainEqual(expect.objectContaining({ for: 'server' }))
    }
    expect(server.requestsTo('update')).toHaveLength(1)
    expect(server.requestsTo('read')).toEqual([])
    clock.pass(30_000)
    expect(await start(server, store, { metadata: renamed }).manager.ensure()).toMatchObject({
      client_id: first.client_id,
      client_name: 'orders 2',
    })
  })

  test('waits as long as the server asks for in a look, though the update was made', async () => {
    const busy = { status: 429, headers: { 'retry-after': '600' } }
    await using server = await startScriptedServer({ read: [busy] })
    const store = new OpenStore()
    const first = start(server, store, { metadata: named })
    const { client_id } = await first.manager.ensure()
    server.script({ update: [{ status: 200, body: `{"client_id":"${client_id}","client_secr` }] })
    const second = start(server, store, { metadata: renamed })
    await second.manager.ensure()
    expect(second.told()).toEqual(['intent', 'updated'])
    const { length } = server.requests
    // Neither who heard it asks again, nor anybody else.
    await second.manager.read().catch(() => undefined)
    await start(server, store, { metadata: { ...metadata, client_name: 'orders 3' } }).manager.ensure()
    expect(server.requests).toHaveLength(length)
    expect((await first.manager.status()).waiting).toContainEqual(expect.objectContaining({ for: 'server' }))
    clock.pass(600_000)
    await second.manager.read()
    expect(server.requests.length).toBeGreaterThan(length)
  })

  test('stays when credentials are renewed, though nobody could read that it was made', async () => {
    await using server = await startScriptedServer({ read: { status: 501 } })
    const store = new OpenStore()
    const before = { ...named, contacts: ['ops@app.example'] }
    const { client_id } = await start(server, store, { metadata: before }).manager.ensure()
    server.script({ update: [{ status: 200, body: `{"client_id":"${client_id}","client_secr` }] })
    const second = start(server, store, { metadata: renamed })
    expect(await second.manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    expect(second.told()).toEqual(['intent', 'updated'])
    await second.manager.rotate()
    expect(server.requestsTo('update').at(-1)?.body).toContain('orders 2')
    expect(server.requestsTo('update').at(-1)?.body).not.toContain('contacts')
  })

  test('that fails with 500 for forgetDelay is as good as refused, without a throw', async () => {
    await using server = await startScriptedServer({ update: { status: 500 } })
    const store = new OpenStore()
    const options = { forgetDelay: 3000 }
    const first = await start(server, store, { ...options, metadata: named }).manager.ensure()
    for (const wait of [1000, 2000, 4000]) {
      expect(await start(server, store, { ...options, metadata: renamed }).manager.ensure()).toEqual(first)
      clock.pass(wait)
    }
    expect(server.requestsTo('update')).toHaveLength(3)
    expect(await start(server, store, { ...options, metadata: renamed }).manager.ensure()).toEqual(first)
    expect(server.requestsTo('update')).toHaveLength(3)
    clock.pass(60_000)
    expect(await start(server, store, { ...options, metadata: renamed }).manager.ensure()).toEqual(first)
    expect(server.requestsTo('update')).toHaveLength(4)
  })

  for (const status of [408, 409, 423, 425, 451])
    test(`that is answered ${status}, which says nothing of it, is looked after, and put once more`, async () => {
      const answers: Answer[] = [{ status }]
      await using server = await startScriptedServer({ update: answers })
      const store = memoryStore()
      const { client_id } = await start(server, store, { metadata: named }).manager.ensure()
      const { manager } = start(server, store, { metadata: renamed })
      expect(await manager.ensure()).toMatchObject({ client_id, client_name: 'orders 1' })
      expect(server.requestsTo('read')).toHaveLength(1)
      clock.pass(2000)
      expect(await manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    })

  test('is seen to be in force when only its answer was lost', async () => {
    await using server = await startScriptedServer({ update: [{ lost: 'after' }] })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    const second = start(server, store, { metadata: renamed })
    expect(await second.manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
    expect(second.told()).toEqual(['intent', 'updated'])
    expect(server.requestsTo('update')).toHaveLength(1)
    expect(server.requestsTo('read')).toHaveLength(1)
  })

  test('whose lost answer held the only living token leaves a client that works and cannot be managed', async () => {
    await using server = await startScriptedServer({ update: [{ lost: 'after' }] }, { rotate: 'update' })
    const store = new OpenStore()
    const options = { forgetDelay: 4000 }
    const { manager } = start(server, store, options)
    await manager.ensure()
    const first = await manager.read()
    const second = start(server, store, { ...options, metadata: renamed })
    for (let i = 0; i < 3; i++) {
      expect(await second.manager.ensure()).toEqual(first)
      expect(await second.manager.status()).toMatchObject({ state: 'registered', manageable: i < 2 })
      clock.pass(2000)
    }
    const told = second.told()
    expect(told.filter((type) => type === 'drift')).toHaveLength(3)
    expect(told.filter((type) => type === 'unmanageable')).toHaveLength(1)
    // And the server is not asked again for a day.
    const before = server.requests.length
    expect(await second.manager.ensure()).toEqual(first)
    expect(server.requests).toHaveLength(before)
    expect(await second.manager.status()).toMatchObject({ waiting: [{ for: 'permission' }] })
    expect(server.clients()).toBe(1)
    clock.pass(86_400_000)
    expect(await second.manager.ensure()).toEqual(first)
    expect(server.requests.slice(before).filter(({ endpoint }) => endpoint !== 'discovery')).toMatchObject([
      { endpoint: 'read', status: 401 },
    ])
    expect(await second.manager.status()).toMatchObject({ manageable: false })
  })

  test('comes by a replacement where the address that was handed out has never shown the client', async () => {
    const denied = { status: 401, body: { error: 'invalid_token' } }
    await using server = await startScriptedServer({ read: denied, update: denied, delete: denied })
    const store = new OpenStore()
    const options = { forgetDelay: 4000 }
    const first = await start(server, store, options).manager.ensure()
    const second = start(server, store, { ...options, metadata: renamed })
    for (let i = 0; i < 2; i++) {
      expect(await second.manager.ensure()).toEqual(first)
      clock.pass(2000)
    }
    const fresh = await second.manager.ensure()
    expect(fresh).toMatchObject({ client_name: 'orders 2' })
    expect(fresh.client_id).not.toBe(first.client_id)
    expect(second.told()).not.toContain('unmanageable')
  })

  test('whose answer was lost is in doubt until the address turns out to have never shown the client', async () => {
    const denied = { status: 401, body: { error: 'invalid_token' } }
    await using server = await startScriptedServer({ update: { lost: 'after' }, read: denied })
    const store = new OpenStore()
    const options = { forgetDelay: 4000 }
    const old = start(server, store, { ...options, metadata: named })
    const first = await old.manager.ensure()
    await start(server, store, { ...options, metadata: renamed }).manager.ensure()
    expect(server.registration(first.client_id)).toMatchObject({ client_name: 'orders 2' })
    for (let i = 0; i < 2; i++) {
      clock.pass(2000)
      expect(await failure(old.manager.read())).toMatchObject({ status: 401 })
    }
    // What is declared came by another client, for nobody can say what that one has become.
    const fresh = await old.manager.ensure()
    expect(fresh).toMatchObject({ client_name: 'orders 1' })
    expect(fresh.client_id).not.toBe(first.client_id)
  })

  test('without an answer that no look can show leaves the client as it is stored by then', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store, { metadata: named })
    await manager.ensure()
    server.script({ update: { lost: 'after' }, read: [{ lost: 'before' }, { status: 401 }] })
    await start(server, store, { metadata: renamed }).manager.ensure()
    clock.pass(60_000)
    let isOvertaken = false
    store.beforeSave = async () => {
      if (server.requestsTo('read').length < 2 || isOvertaken) return
      isOvertaken = true
      // Somebody else has saved meanwhile what another answer brought.
      const { record } = await store.peek()
      const registration = Object.assign({ ...Object(record['registration']) }, { registration_access_token: 'newer' })
      await store.overwrite({ ...record, revision: Number(record['revision']) + 1, writeId: 'another', registration })
    }
    expect(await manager.ensure()).toMatchObject({ registration_access_token: 'newer' })
    expect(isOvertaken).toBe(true)
  })

  test('that was denied is not looked into where the server has asked to be left alone meanwhile', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const old = start(server, store, { metadata: named, overlap: 1000 })
    await old.manager.ensure()
    await old.manager.rotate()
    const { manager } = start(server, store, { metadata: renamed, overlap: 1000 })
    server.script({
      delete: { status: 429, headers: { 'retry-after': '90' } },
      update: async () => {
        clock.pass(1000)
        await manager.sweep()
        return { status: 401, body: { error: 'invalid_token' } }
      },
    })
    const before = server.requests.length
    expect(await manager.ensure()).toMatchObject({ client_name: 'orders 1' })
    const asked = server.requests.slice(before).filter(({ endpoint }) => endpoint !== 'discovery')
    expect(asked.map(({ endpoint }) => endpoint).toSorted()).toEqual(['delete', 'update'])
  })

  test('without an answer is noted where somebody else has taken over meanwhile: whoever comes next finds out what is in force', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const called = (name: string): Partial<ManagerOptions> => ({ metadata: { ...metadata, client_name: name } })
    const { client_id } = await start(server, store, called('one')).manager.ensure()
    const { record } = await store.peek()
    server.script({ update: [{ lost: 'after' }], read: [{ lost: 'before' }] })
    let isOvertaken = false
    store.beforeSave = async () => {
      if (server.requestsTo('read').length === 0 || isOvertaken) return
      isOvertaken = true
      await store.overtake(record)
    }
    await start(server, store, called('two')).manager.ensure()
    expect(server.registration(client_id)).toMatchObject({ client_name: 'two' })
    // Whoever declares that one is alive, so it stays for a while.
    expect(await start(server, store, called('one')).manager.ensure()).toMatchObject({ client_id, client_name: 'two' })
    expect(server.requestsTo('update')).toHaveLength(1)
  })

  test('that is denied although the client is shown is put once more, and then left alone', async () => {
    await using server = await startScriptedServer({ update: { status: 401, body: { error: 'invalid_token' } } })
    const store = new OpenStore()
    const first = await start(server, store, { metadata: named }).manager.ensure()
    const second = start(server, store, { metadata: renamed })
    expect(await second.manager.ensure()).toEqual(first)
    expect(second.told()).toEqual(['intent', 'drift'])
    expect(server.requestsTo('update')).toHaveLength(2)
    expect(await second.manager.status()).toMatchObject({ state: 'registered', manageable: true })
    expect(await second.manager.ensure()).toEqual(first)
    expect(server.requestsTo('update')).toHaveLength(2)
    expect(server.clients()).toBe(1)
  })

  for (const [failing, options, status] of [
    ['update', {}, 500],
    ['register', { keepManagementToken: false }, 503],
  ] as const)
    test(`whose ${failing} fails hands out the client that somebody else has registered instead meanwhile`, async () => {
      await using server = await startScriptedServer()
      const [store, elsewhere] = [new OpenStore(), new OpenStore()]
      const changed = { ...options, metadata: renamed }
      await start(server, store, { ...options, metadata: named }).manager.ensure()
      const other = await start(server, elsewhere, changed).manager.ensure()
      const { registration, declaration } = (await elsewhere.peek()).record
      const overtake = async (): Promise<Answer> => {
        await store.overtake((await store.peek()).record, { registration, declaration })
        return { status }
      }
      server.script({ [failing]: overtake })
      const { manager, told } = start(server, store, changed)
      expect(await manager.ensure()).toEqual(other)
      expect(told()).not.toContain('drift')
    })

  test('whose update fails hands out the secret that somebody has given the client meanwhile', async () => {
    const { update: _, ...little } = sayingLittle()
    await using server = await startScriptedServer(little)
    const store = memoryStore()
    const first = await start(server, store, { metadata: named }).manager.ensure()
    const { manager } = start(server, store, { metadata: renamed })
    server.script({
      update: async () => {
        await start(server, store).manager.recover({ ...first, client_secret: 'made anew' })
        return { status: 500 }
      },
    })
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id, client_secret: 'made anew' })
  })

  test('whose update fails hands out the management token that its look brought, where somebody else has taken over', async () => {
    await using server = await startScriptedServer({}, { rotate: 'read' })
    const store = new OpenStore()
    const first = await start(server, store, { metadata: named }).manager.ensure()
    server.script({
      update: async () => {
        await store.overtake((await store.peek()).record)
        return { status: 404 }
      },
    })
    const { manager } = start(server, store, { metadata: renamed })
    const made = await manager.ensure()
    expect(made).toMatchObject({ client_id: first.client_id, client_secret: first.client_secret })
    expect(made.registration_access_token).not.toBe(first.registration_access_token)
  })

  test('waits, with the client in use, while the server is down', async () => {
    const server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    await server.close()
    const second = start(server, store, { metadata: renamed })
    expect(await second.manager.ensure()).toEqual(first)
    expect(second.told()).toEqual(['intent', 'drift'])
    expect(await second.manager.status()).toMatchObject({ state: 'registered', waiting: [{ for: 'server' }] })
  })
})

describe('a changed declaration where the server cannot update', () => {
  const profile: ServerProfile = { name: 'no updates', cannot: { update: 'It does not do that.' } }

  for (const [name, options] of Object.entries({
    'by its profile': { profile },
    'because the token was not kept': { keepManagementToken: false },
  })) {
    test(`registers anew: ${name}`, async () => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      const first = await start(server, store, options).manager.ensure()
      const second = start(server, store, { ...options, metadata: renamed })
      const fresh = await second.manager.ensure()
      expect(fresh).toMatchObject({ client_name: 'orders 2' })
      expect(fresh.client_id).not.toBe(first.client_id)
      expect(second.events).toContainEqual(
        expect.objectContaining({ type: 'replaced', old: first.client_id, client_id: fresh.client_id }),
      )
      expect(server.requestsTo('update')).toEqual([])
    })
  }

  for (const status of [405, 501]) {
    test(`registers anew: it answers ${status}`, async () => {
      await using server = await startScriptedServer({ update: { status } })
      const store = new OpenStore()
      await start(server, store).manager.ensure()
      const second = start(server, store, { metadata: renamed, overlap: 300 })
      const fresh = await second.manager.ensure()
      expect(fresh).toMatchObject({ client_name: 'orders 2' })
      expect(server.clients()).toBe(2)
      await new Promise((resolve) => setTimeout(resolve, 350))
      // By somebody who sweeps, since a start with a good record makes no request.
      expect(await second.manager.sweep()).toEqual([])
      expect(server.clientIds()).toEqual([fresh.client_id])
      expect(second.told()).toEqual(['intent', 'intent', 'registered', 'replaced', 'deleted'])
    })
  }

  test('registers anew: no management address was ever given', async () => {
    await using server = await startScriptedServer({
      register: (_, usual) => {
        const answer = usual()
        return {
          ...answer,
          body: { ...Object(answer.body), registration_access_token: undefined, registration_client_uri: undefined },
        }
      },
    })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    const second = start(server, store, { metadata: renamed })
    const fresh = await second.manager.ensure()
    expect(server.clients()).toBe(2)
    expect(await second.manager.sweep()).toMatchObject([{ client_id: first.client_id }])
    expect(await second.manager.status()).toMatchObject({ client_id: fresh.client_id, manageable: false })
  })

  test('registers anew: the management address may not be contacted', async () => {
    await using server = await startScriptedServer({
      register: (_, usual) => {
        const answer = usual()
        return { ...answer, body: { ...Object(answer.body), registration_client_uri: 'https://elsewhere.example/c/1' } }
      },
    })
    const store = new OpenStore()
    const first = start(server, store)
    const { client_id } = await first.manager.ensure()
    expect(await first.manager.status()).toMatchObject({ client_id, manageable: false })
    const second = start(server, store, { metadata: renamed })
    expect((await second.manager.ensure()).client_name).toBe('orders 2')
    expect(second.told()).toEqual(['intent', 'registered', 'replaced', 'orphan'])
  })

  test('has the old client deleted once, although two replicas are about to', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store, { profile }).manager.ensure()
    await start(server, store, { profile, metadata: renamed }).manager.ensure()
    const lives = [new Life(store), new Life(store)] as const
    const [quick, slow] = lives.map((life) =>
      start(server, life.store, { profile, metadata: renamed, overlap: 0, fetch: life.fetch }),
    )
    const saving = gate()
    const arrived = gate()
    // Its first save claims the client, its second says that it is gone.
    lives[0].atSave = (number, moment) => {
      if (number !== 1 || moment !== 'before') return undefined
      arrived.open()
      return saving.opened
    }
    const deleted = quick?.manager.sweep()
    await arrived.opened
    // The server has deleted it, and the record still names it.
    await slow?.manager.sweep()
    saving.open()
    expect(await deleted).toEqual([])
    expect(server.requestsTo('delete').map(({ status }) => status)).toEqual([204])
    expect(await start(server, store).manager.status()).toMatchObject({ replaced: [], orphans: [] })
    expect(server.clients()).toBe(1)
  })

  test('keeps the old client in use while the new one cannot be had', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store, { profile }).manager.ensure()
    server.script({ register: { status: 500 } })
    const second = start(server, store, { profile, metadata: renamed })
    for (let i = 0; i < 5; i++) {
      expect(await second.manager.ensure()).toEqual(first)
      // A second call finds that it is left alone.
      expect(await second.manager.ensure()).toEqual(first)
      clock.pass(60_000)
    }
    expect(server.requestsTo('register').filter(({ status }) => status === 500)).toHaveLength(3)
    expect((await store.peek()).record).toMatchObject({ registration: first })
    expect((await second.manager.status()).orphans).toHaveLength(3)
  })

  test('throws when the declaration itself is refused, the first time', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store, { profile }).manager.ensure()
    server.script({ register: { status: 400, body: { error: 'invalid_client_metadata' } } })
    const second = start(server, store, { profile, metadata: renamed })
    expect(await failure(second.manager.ensure())).toMatchObject({ status: 400 })
    expect(await second.manager.ensure()).toEqual(first)
    expect(second.told().at(-1)).toBe('drift')
  })
})

describe('a server whose management address answers reads and nothing else', () => {
  const elsewhere: Record<string, Answer> = {
    'status 404': { status: 404 },
    'a sign-in page by redirect': { status: 302, headers: { location: '/login' } },
    'a bare 403': { status: 403, body: '<html>sign in</html>' },
    'a framework that forbids it': { status: 403, body: { status: 403, error: 'Forbidden' } },
    'status 415': { status: 415 },
  }
  for (const [name, answer] of Object.entries(elsewhere)) {
    test(`gets the declaration by a replacement, after a second PUT: ${name}`, async () => {
      await using server = await startScriptedServer({ update: answer })
      const store = new OpenStore()
      const first = await start(server, store, { metadata: named }).manager.ensure()
      const second = start(server, store, { metadata: renamed })
      const began = performance.now()
      const fresh = await second.manager.ensure()
      // One node of several may not know the client yet.
      expect(performance.now() - began).toBeGreaterThanOrEqual(990)
      expect(server.requestsTo('update')).toHaveLength(2)
      expect(fresh).toMatchObject({ client_name: 'orders 2' })
      expect(fresh.client_id).not.toBe(first.client_id)
      expect(await second.manager.status()).toMatchObject({
        state: 'registered',
        client_id: fresh.client_id,
        // That no update is tried for a day is nothing to wait for: the declaration is in force.
        waiting: [],
        replaced: [{ client_id: first.client_id }],
      })
      // For a day no update is tried, and the next declaration comes by a replacement at once.
      const third = start(server, store, { metadata: { ...metadata, client_name: 'orders 3' } })
      expect(await third.manager.ensure()).toMatchObject({ client_name: 'orders 3' })
      expect(server.requestsTo('update')).toHaveLength(2)
    })

    test(`applies at the second try what the first of several nodes did not know yet: ${name}`, async () => {
      await using server = await startScriptedServer({ update: [answer] })
      const store = new OpenStore()
      const first = await start(server, store, { metadata: named }).manager.ensure()
      const { manager } = start(server, store, { metadata: renamed })
      expect(await manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
      expect(server.clients()).toBe(1)
    })
  }
})

describe('a server whose management address somebody else answers at, reads too', () => {
  const signIn: Answer = { status: 302, headers: { location: '/login' } }

  test('gets the declaration by a replacement, once it has answered so three times over forgetDelay', async () => {
    await using server = await startScriptedServer({ update: signIn, read: { status: 403 } })
    const store = new OpenStore()
    const first = await start(server, store, { metadata: named, forgetDelay: 60_000 }).manager.ensure()
    const second = start(server, store, { metadata: renamed, forgetDelay: 60_000 })
    for (let times = 0; times < 2; times++) {
      expect(await second.manager.ensure()).toEqual(first)
      clock.pass(60_000)
    }
    expect(await second.manager.ensure()).toMatchObject({ client_name: 'orders 2' })
    expect(server.requestsTo('update')).toHaveLength(3)
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test('keeps the client where it is only down', async () => {
    await using server = await startScriptedServer({ update: { status: 503 }, read: { status: 403 } })
    const store = new OpenStore()
    const first = await start(server, store, { metadata: named, forgetDelay: 0 }).manager.ensure()
    const second = start(server, store, { metadata: renamed, forgetDelay: 0 })
    for (let times = 0; times < 5; times++) {
      expect(await second.manager.ensure()).toEqual(first)
      clock.pass(60_000)
    }
    expect(server.requestsTo('register')).toHaveLength(1)
  })
})

describe('a server that gives out the same client again', () => {
  /** As RFC 7591 section 3.2.1 allows: the client is what was sent last. */
  const same = (): ((request: { body: string }, usual: () => Answer) => Answer) => {
    let given: object | undefined
    return ({ body }, usual) => {
      given ??= Object(usual().body)
      return { status: 201, body: { ...given, ...JSON.parse(body) } }
    }
  }

  test('is not asked for an update again after it has shown that it knows none', async () => {
    await using server = await startScriptedServer({ register: same(), update: { status: 404 } })
    const store = new OpenStore()
    const { client_id } = await start(server, store, { metadata: named }).manager.ensure()
    for (const client_name of ['orders 2', 'orders 3']) {
      const { manager } = start(server, store, { metadata: { ...metadata, client_name } })
      expect(await manager.ensure()).toMatchObject({ client_id, client_name })
    }
    expect(server.requestsTo('update')).toHaveLength(2)
  })

  test('may have changed it by an answer that nobody could read: what is declared is applied again', async () => {
    const register = same()
    await using server = await startScriptedServer({ register })
    const store = new OpenStore()
    const options = { keepManagementToken: false }
    const first = start(server, store, { ...options, metadata: named, generation: 1 })
    const { client_id } = await first.manager.ensure()
    const cut = { status: 201, body: `{"client_id":"${client_id}","client_secr` }
    server.script({ register: [cut] })
    expect(await start(server, store, { ...options, metadata: renamed, generation: 1 }).manager.ensure()).toMatchObject(
      {
        client_id,
        client_name: 'orders 1',
      },
    )
    server.script({ register })
    clock.pass(60_000)
    // A lower number does not decide what is in force.
    const lower = start(server, store, { ...options, metadata, generation: 0 })
    await lower.manager.ensure()
    expect(server.requestsTo('register')).toHaveLength(2)
    await first.manager.ensure()
    expect(server.requestsTo('register').at(-1)?.body).toContain('orders 1')
    expect(server.requestsTo('register')).toHaveLength(3)
    await first.manager.ensure()
    expect(server.requestsTo('register')).toHaveLength(3)
  })
})

test('a machine with another clock does not make a server that knows no update be asked for one again and again', async () => {
  await using server = await startScriptedServer({ update: { status: 404 } })
  const store = new OpenStore()
  await start(server, store, { metadata: named }).manager.ensure()
  const options = (client_name: string) => ({ metadata: { ...metadata, client_name } })
  const second = start(server, store, options('orders 2'))
  await second.manager.ensure()
  // That machine is three days ahead, and has met the same.
  const aDay = 86_400_000
  await store.overwrite({
    declaration: { hash: 'another', metadata: named },
    cannotUpdate: { at: Date.now() + 3 * aDay, length: aDay },
  })
  await second.manager.ensure()
  expect(server.requestsTo('update')).toHaveLength(2)
})

/** A client that was shown once; from then on its management token is denied. */
async function registerAndDeny(server: ScriptedServer, store: OpenStore, options: { forgetDelay: number }) {
  const { manager } = start(server, store, options)
  const client = await manager.ensure()
  await manager.read()
  const denied = { status: 401, body: { error: 'invalid_token' } }
  server.script({ read: denied, update: denied })
  return { manager, client }
}

test('a machine with another clock does not keep a dead management token from being given up', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const options = { forgetDelay: 4000 }
  await registerAndDeny(server, store, options)
  const second = start(server, store, { ...options, metadata: renamed })
  for (let count = 1; count <= 3; count++) {
    await second.manager.ensure()
    expect(await second.manager.status()).toMatchObject({ manageable: count < 3 })
    clock.pass(2000)
    // That machine is three days ahead, takes the row for an old one, and begins another.
    const at = Date.now() + 259_200_000
    await store.overwrite({ denials: { first: at, last: at, count: 1 } })
  }
})

test('a clock that is set back does not keep a dead management token from being given up', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const options = { forgetDelay: 4000 }
  await registerAndDeny(server, store, options)
  const second = start(server, store, { ...options, metadata: renamed })
  await second.manager.ensure()
  clock.sleep(-3_000_000)
  for (const manageable of [true, false]) {
    clock.pass(10_000)
    await second.manager.ensure()
    expect(await second.manager.status()).toMatchObject({ manageable })
  }
})

test('a server that gives out the same client with the same dead token keeps nobody from registering what is declared', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const options = { forgetDelay: 4000 }
  const { client } = await registerAndDeny(server, store, options)
  server.script({ register: { status: 201, body: client }, update: { status: 401 }, read: { status: 401 } })
  const second = start(server, store, { ...options, metadata: renamed })
  const other = start(server, store, {
    ...options,
    profile: { name: 'no updates', cannot: { update: 'It does not.' } },
  })
  for (let count = 1; count <= 3; count++) {
    expect(server.requestsTo('register').at(-1)?.body).not.toContain(renamed.client_name)
    await second.manager.ensure()
    clock.pass(10_000)
    if (count < 3) expect(await failure(other.manager.rotate())).toMatchObject({ code: 'unsupported' })
  }
  expect(server.requestsTo('register').at(-1)?.body).toContain(renamed.client_name)
})

test('that a server knows no update counts among the failures in a row', async () => {
  const refused = { status: 422, body: { error: 'invalid_client_metadata' } }
  await using server = await startScriptedServer()
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  server.script({ update: [{ status: 405 }, { status: 500 }], register: [refused] })
  const second = start(server, store, { metadata: { ...metadata, scope: 'invoices' } })
  expect(await failure(second.manager.ensure())).toMatchObject({ status: 422 })
  clock.pass(2 * 86_400_000)
  const before = Date.now()
  await second.manager.ensure()
  expect(server.requestsTo('update')).toHaveLength(2)
  const { waiting } = await second.manager.status()
  // The second failure in a row: between half of 2 s and the whole.
  expect(Math.max(...waiting.map(({ until }) => until ?? 0))).toBeGreaterThanOrEqual(before + 1000)
})

test('an update that failed counts also where what the look showed could not be saved', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  server.script({ update: { status: 500 } })
  const second = start(server, store, { metadata: renamed })
  let refused = 0
  store.beforeSave = () => {
    if (server.requestsTo('read').length === 1 && refused++ < 5)
      throw new StoreError('store-unavailable', 'The disk is full.')
  }
  await second.manager.ensure()
  expect(refused).toBeGreaterThan(1)
  expect((await second.manager.status()).waiting).toMatchObject([
    { for: 'declaration', reason: expect.stringContaining('500') },
  ])
  await second.manager.ensure()
  expect(server.requestsTo('update')).toHaveLength(1)
})

for (const lost of ['after', 'middle'] as const)
  test(`an update whose answer was lost (${lost}) may be in force where what the look showed could not be saved`, async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    server.script({ update: [{ lost }] })
    const second = start(server, store, { metadata: renamed })
    let refused = 0
    store.beforeSave = () => {
      if (server.requestsTo('read').length === 1 && refused++ === 0)
        throw new StoreError('store-denied', 'The disk is read-only.')
    }
    await second.manager.ensure()
    expect(refused).toBeGreaterThan(0)
    expect(server.registration(client_id)).toMatchObject(renamed)
    // Whoever declares what was in force before does not take that for what is so, once the pause after a failure is over.
    clock.pass(1000)
    await start(server, store).manager.ensure()
    expect(server.requestsTo('read').length + server.requestsTo('update').length).toBeGreaterThan(2)
  })

test('an update is not put once more by whoever was overtaken while it looked at the client', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  const { record } = await store.peek()
  server.script({
    update: { status: 404 },
    read: (_, usual) => {
      void store.overtake(record)
      return usual()
    },
  })
  const second = start(server, store, { metadata: renamed })
  await second.manager.ensure()
  await second.manager.ensure()
  expect(server.requestsTo('update')).toHaveLength(1)
  expect(server.requestsTo('register')).toHaveLength(1)
})

for (const hours of [2, 24]) {
  test(`three denials of the token add up also where starts are ${hours} hours apart: it is given up then`, async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const options = { forgetDelay: 4000 }
    await registerAndDeny(server, store, options)
    for (const manageable of [true, true, false]) {
      clock.pass(hours * 3_600_000)
      const { manager, told } = start(server, store, { ...options, metadata: renamed })
      await manager.ensure()
      expect(await manager.status()).toMatchObject({ manageable })
      expect(told().includes('unmanageable')).toBe(!manageable)
    }
  })

  test(`three denials at an address that never showed the client add up also ${hours} hours apart: another is registered`, async () => {
    await using server = await startScriptedServer({ read: { status: 404 }, update: { status: 404 } })
    const store = new OpenStore()
    const { client_id } = await start(server, store).manager.ensure()
    for (const isSame of [true, true, false]) {
      clock.pass(hours * 3_600_000)
      const used = await start(server, store, { metadata: renamed }).manager.ensure()
      expect(used.client_id === client_id).toBe(isSame)
    }
  })
}

test('a token that has ended by itself is denied for ever: the first denial brings another client, each time', async () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const register = (_: unknown, usual: () => Answer): Answer => {
    const exp = Math.floor(Date.now() / 1000) + 300
    const registration_access_token = `${part({ alg: 'RS256' })}.${part({ exp })}.${part({ exp })}`
    return { status: 201, body: { ...Object(usual().body), registration_access_token } }
  }
  await using server = await startScriptedServer({ register, read: { status: 401 }, update: { status: 403 } })
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  for (const count of [2, 3]) {
    clock.pass(40 * 3_600_000)
    const { manager, told } = start(server, store, { metadata: { ...renamed, client_name: `of ${count}` } })
    await manager.ensure()
    expect(server.requestsTo('register')).toHaveLength(count)
    expect(told()).not.toContain('drift')
  }
  // Who reads it nevertheless is not asked to wait for nothing, and the server is left alone in between.
  clock.pass(600_000)
  const { manager } = start(server, store, { metadata: { ...renamed, client_name: 'of 3' } })
  const reads = server.requestsTo('read').length
  for (let n = 0; n < 3; n++) await failure(manager.read())
  expect(server.requestsTo('read')).toHaveLength(reads + 1)
})

test('a token that has ended says nothing where access tokens manage clients: one denial brings no other client', async () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const registration_access_token = `${part({ alg: 'RS256' })}.${part({ exp: 1000 })}.${part({})}`
  await using server = await startScriptedServer({
    register: (_, usual) => ({ status: 201, body: { ...Object(usual().body), registration_access_token } }),
    read: { status: 404 },
    update: { status: 404 },
  })
  const store = new OpenStore()
  const { profile } = payer
  const { client_id } = await start(server, store, { profile }).manager.ensure()
  expect((await start(server, store, { profile, metadata: renamed }).manager.ensure()).client_id).toBe(client_id)
})

test('denials that replicas meet in turn count together, whatever one of them met weeks ago', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const options = { forgetDelay: 4000 }
  const { manager } = await registerAndDeny(server, store, options)
  const [one, other] = [1, 2].map(() => start(server, store, { ...options, metadata: renamed }))
  await one?.manager.ensure()
  clock.pass(31 * 86_400_000)
  for (const replica of [other, one, other]) {
    expect(await manager.status()).toMatchObject({ manageable: true })
    await replica?.manager.ensure()
    clock.pass(10_000)
  }
  expect(await manager.status()).toMatchObject({ manageable: false })
})

test('the denial with which a management token is given up counts in the row, also where somebody else brings another', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const options = { forgetDelay: 4000 }
  const { manager: first, client } = await registerAndDeny(server, store, options)
  const second = start(server, store, { ...options, metadata: renamed })
  for (let count = 1; count <= 3; count++) {
    await second.manager.ensure()
    clock.pass(10_000)
  }
  expect(await second.manager.status()).toMatchObject({ manageable: false })
  await first.recover(client)
  const before = Date.now()
  await second.manager.ensure()
  expect(server.requestsTo('update')).toHaveLength(4)
  const { waiting, manageable } = await second.manager.status()
  expect(manageable).toBe(true)
  // The fourth failure in a row: between half of 8 s and the whole.
  const until = waiting.find(({ reason }) => reason === 'The management token was denied.')?.until
  expect(until).toBeGreaterThanOrEqual(before + 4000)
})

test('an update that was lost is not taken for made where somebody else has changed the client, whatever the record says', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const first = start(server, store, { metadata: named })
  const stored = await first.manager.ensure()
  await start(server, store, { metadata: renamed }).manager.ensure()
  // It knows no more than it did.
  await first.manager.recover(stored)
  server.script({ update: [{ status: 504 }] })
  await first.manager.ensure().catch(() => undefined)
  clock.pass(60_000)
  expect(await first.manager.ensure()).toMatchObject({ client_name: 'orders 1' })
  expect(server.registration(stored.client_id)).toMatchObject({ client_name: 'orders 1' })
})

describe('a starter that died while the server changed the client', () => {
  /** It dies when its request has left, and nobody waits for it. */
  const dies = async (server: ScriptedServer, store: OpenStore, kind: 'POST' | 'PUT'): Promise<void> => {
    const life = new Life(store)
    const fetch: typeof globalThis.fetch = async (url, init) => {
      const answer = await life.fetch(url, init)
      const isToken = new Request(url).url.endsWith('/token')
      if (init?.method === kind && !isToken) life.die()
      return answer
    }
    const { manager } = start(server, life.store, { metadata: renamed, fetch })
    await Promise.race([manager.ensure().catch(() => undefined), life.died])
    const { record } = await store.peek()
    await store.overwrite({ intent: { ...Object(record['intent']), lease: 0 } })
  }

  /** Whoever is left finds out what is in force, and applies what it declares when that has been silent. */
  const comesBack = async (server: ScriptedServer, store: OpenStore, client_id: string): Promise<void> => {
    expect(server.registration(client_id)).toMatchObject({ client_name: 'orders 2' })
    const { manager } = start(server, store, { metadata: named, overlap: 1000 })
    // That shows the client, and is asked for another reason.
    await manager.read()
    await manager.ensure()
    clock.pass(2000)
    expect(await manager.ensure()).toMatchObject({ client_id, client_name: 'orders 1' })
    expect(server.registration(client_id)).toMatchObject({ client_name: 'orders 1' })
    const { length } = server.requests
    expect(await start(server, store, { metadata: named }).manager.ensure()).toMatchObject({ client_name: 'orders 1' })
    expect(server.requests).toHaveLength(length)
  }

  test('by an update leaves open what is in force, whoever looks at the client first', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { client_id } = await start(server, store, { metadata: named }).manager.ensure()
    await dies(server, store, 'PUT')
    await comesBack(server, store, client_id)
  })

  /** As RFC 7591 section 3.2.1 allows: the server gives out the same client again, changed. */
  const again = async (
    store: OpenStore,
    lost: (server: ScriptedServer) => Promise<void>,
    isLeft = false,
  ): Promise<void> => {
    let given: { client_id: string } | undefined
    await using server = await startScriptedServer({
      update: { status: 405 },
      register: [
        (_, usual) => usual(),
        ({ body }) => {
          Object.assign(server.registration(given?.client_id ?? '') ?? {}, JSON.parse(body))
          return isLeft ? { status: 504 } : { status: 201, body: { ...given, ...JSON.parse(body) } }
        },
        ({ body }) => {
          Object.assign(server.registration(given?.client_id ?? '') ?? {}, JSON.parse(body))
          return { status: 201, body: { ...given, ...JSON.parse(body) } }
        },
      ],
    })
    given = await start(server, store, { metadata: named }).manager.ensure()
    await lost(server)
    await comesBack(server, store, given.client_id)
  }

  test('by a registration that brought the same client does, too', async () => {
    const store = new OpenStore()
    await again(store, (server) => dies(server, store, 'POST'))
  })

  test('and so does an answer that got lost', async () => {
    const store = new OpenStore()
    const lost = async (server: ScriptedServer): Promise<void> => {
      await start(server, store, { metadata: renamed }).manager.ensure()
      clock.pass(60_000)
    }
    await again(store, lost, true)
  })
})

describe('an update that was lost, and a look that does not show the client', () => {
  for (const status of [403, 404, 405, 501, 503]) {
    test(`is tried again when the server is well: ${status}`, async () => {
      await using server = await startScriptedServer({ update: [{ lost: 'before' }], read: { status } })
      const store = new OpenStore()
      const first = await start(server, store, { metadata: named }).manager.ensure()
      const second = start(server, store, { metadata: renamed })
      expect(await second.manager.ensure()).toEqual(first)
      const left = await second.manager.status()
      expect(left).toMatchObject({ state: 'registered', client_id: first.client_id })
      expect(left.waiting.length).toBeGreaterThan(0)
      server.script({ read: undefined })
      clock.pass(Math.max(...left.waiting.map(({ until }) => until)) - Date.now())
      expect(await second.manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
      expect(await second.manager.status()).toMatchObject({ state: 'registered', manageable: true, waiting: [] })
    })

    // By a single update that was lost, or, where no look can tell of the server's health, by each.
    const lost = { lost: 'before' as const }
    test(`does not keep a client whose secret has ended: ${status}`, async () => {
      const update = status === 405 || status === 501 ? lost : [lost]
      await using server = await startScriptedServer({ update, read: { status } }, { secretLifetime: 3600 })
      const store = new OpenStore()
      const first = await start(server, store, { metadata: named }).manager.ensure()
      const second = start(server, store, { metadata: renamed })
      expect(await second.manager.ensure()).toEqual(first)
      clock.pass(3_700_000)
      const ids: string[] = []
      for (let i = 0; i < 12 && ids.length === 0; i++) {
        await second.manager.ensure().then(
          ({ client_id }) => ids.push(client_id),
          () => clock.pass(60_000),
        )
      }
      expect(ids).toEqual([expect.not.stringContaining(first.client_id)])
    })
  }
})

test('a server that fails every update is not asked again by each call', async () => {
  await using server = await startScriptedServer({ update: { status: 500 } })
  const store = new OpenStore()
  await start(server, store, { metadata: named }).manager.ensure()
  const { manager } = start(server, store, { metadata: renamed })
  for (let i = 0; i < 20; i++) expect(await manager.authentication()).toHaveProperty('headers')
  expect(server.requestsTo('update').length).toBeLessThanOrEqual(2)
  expect(server.requestsTo('read').length).toBeLessThanOrEqual(2)
})

test('an update that asks for a secret and brings none leaves a client that nobody can use: it is replaced', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const declared = { ...metadata, token_endpoint_auth_method: 'none' }
  const first = await start(server, store, { metadata: declared }).manager.ensure()
  expect(first).not.toHaveProperty('client_secret')
  const basic = { ...metadata, token_endpoint_auth_method: 'client_secret_basic' }
  const { manager } = start(server, store, { metadata: basic })
  const fresh = await manager.ensure()
  expect(server.requestsTo('update')).toHaveLength(1)
  expect(fresh.client_id).not.toBe(first.client_id)
  expect(fresh).toMatchObject({ client_secret: expect.any(String), token_endpoint_auth_method: 'client_secret_basic' })
})

for (const method of ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'urn:example:attested'])
  test(`a client that nobody can prove is replaced, and no update of it counts as made: ${method}`, async () => {
    await using server = await startScriptedServer()
    const says = (_: ScriptedRequest, usual: () => Answer): Answer => {
      const { body, ...answer } = usual()
      const other = { token_endpoint_auth_method: method }
      Object.assign(server.registration(Object(body).client_id) ?? {}, other)
      const none = { client_secret: undefined, client_secret_expires_at: undefined }
      return { ...answer, body: { ...Object(body), ...none, ...other } }
    }
    const basic = { ...metadata, token_endpoint_auth_method: 'client_secret_basic' }
    server.script({ update: [says] })
    const store = new OpenStore()
    const first = await start(server, store, { metadata: basic }).manager.ensure()
    const options = { metadata: { ...basic, client_name: 'two' }, forgetDelay: 0 }
    const { manager, told } = start(server, store, options)
    const second = await manager.ensure()
    expect(second).toMatchObject({ client_name: 'two', client_secret: expect.any(String) })
    expect(second.client_id).not.toBe(first.client_id)
    expect(told()).not.toContain('updated')
    server.script({ register: [says], token: { status: 400, body: { error: 'invalid_request' } } })
    await manager.forget()
    const unusable = await manager.ensure()
    expect(unusable).toMatchObject({ token_endpoint_auth_method: method })
    const usable = await manager.reportRejected(unusable)
    expect(usable).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic', client_name: 'two' })
  })

test('such an update leaves no client that can be used where only a look of somebody else finds that it was made', async () => {
  await using server = await startScriptedServer({ update: [{ lost: 'after' }], read: [{ status: 503 }] })
  const store = new OpenStore()
  const declared = { ...metadata, token_endpoint_auth_method: 'none' }
  const first = await start(server, store, { metadata: declared }).manager.ensure()
  const basic = { ...metadata, token_endpoint_auth_method: 'client_secret_basic' }
  expect(await start(server, store, { metadata: basic }).manager.ensure()).toEqual(first)
  expect(server.registration(first.client_id)).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic' })
  clock.pass(60_000)
  const { client_id } = await start(server, store, { metadata: declared }).manager.ensure()
  expect(client_id).not.toBe(first.client_id)
  expect(server.registration(client_id)).toMatchObject({ token_endpoint_auth_method: 'none' })
})

test('such an update is in force all the same, so a program of the declaration before applies its own again', async () => {
  await using server = await startScriptedServer()
  const store = new OpenStore()
  const declared = { ...metadata, token_endpoint_auth_method: 'none' }
  await start(server, store, { metadata: declared }).manager.ensure()
  const basic = { ...metadata, token_endpoint_auth_method: 'client_secret_basic' }
  // Whoever made it can do no more.
  store.beforeSave = (value) => {
    if (value.includes('"operation":"replace"')) throw new StoreError('store-unavailable', 'It is gone.')
  }
  await start(server, store, { metadata: basic })
    .manager.ensure()
    .catch(() => undefined)
  store.beforeSave = undefined
  expect(server.requestsTo('update')).toHaveLength(1)
  const { manager } = start(server, store, { metadata: declared })
  const { client_id } = await manager.ensure()
  expect(server.registration(client_id)).toMatchObject({ token_endpoint_auth_method: 'none' })
})

test('an update that was not made does not count as made where a look shows a secret, and none is kept', async () => {
  await using server = await startScriptedServer({ update: { body: 'made nothing' } })
  const store = new OpenStore()
  await start(server, store).manager.ensure()
  const declared = { ...metadata, token_endpoint_auth_method: 'none' }
  const { manager, told } = start(server, store, { metadata: declared, keepSecret: false })
  await manager.ensure()
  expect(server.requests.at(-1)).toMatchObject({ endpoint: 'read', status: 200 })
  expect(told()).not.toContain('updated')
  expect((await store.peek()).record['declaration']).toMatchObject({ metadata })
  server.script({ update: undefined })
  clock.pass(60_000)
  expect(await manager.ensure()).toMatchObject(declared)
})

describe('a management token that was given up', () => {
  const lifetime = { secretLifetime: 100_000, renewSecretOnUpdate: true }
  const lost = async (
    server: ScriptedServer,
  ): Promise<{ store: OpenStore; manager: RegistrationManager; client_id: string }> => {
    const store = new OpenStore()
    const { manager } = start(server, store, { forgetDelay: 0 })
    const { client_id } = await manager.ensure()
    await manager.read()
    server.script({ read: [{ status: 401 }] })
    expect(await failure(manager.read())).toMatchObject({ status: 401 })
    expect(await manager.status()).toMatchObject({ manageable: false })
    clock.pass(86_400_000)
    return { store, manager, client_id }
  }

  for (const verb of ['ensure', 'rotate', 'delete'] as const)
    test(`is looked at after a day, and ${verb}() goes on with the client`, async () => {
      await using server = await startScriptedServer({}, lifetime)
      const { store, manager, client_id } = await lost(server)
      // Not due, where another secret is asked for.
      if (verb === 'rotate') await store.overwrite({ renewAt: Date.now() + 20_000_000 })
      server.script({
        update: (_, usual) => {
          const { body, ...answer } = usual()
          return { ...answer, body: { ...Object(body), client_secret: 'another' } }
        },
      })
      await manager[verb]()
      if (verb === 'delete') expect(server.clients()).toBe(0)
      else expect(await manager.status()).toMatchObject({ client_id, manageable: true })
      expect(server.requestsTo('register')).toHaveLength(1)
      expect(server.requestsTo('update')).toHaveLength(verb === 'delete' ? 0 : 1)
    })

  test('is looked at after a day by whoever watches a client that is at rest', async () => {
    await using server = await startScriptedServer({}, lifetime)
    const { store } = await lost(server)
    await store.overwrite({ renewAt: Date.now() + 20_000_000 })
    const { manager } = start(server, store)
    await manager.watch().next()
    expect(await manager.status()).toMatchObject({ manageable: true })
  })

  test('is left alone for another day where that look is denied, and the client goes on', async () => {
    await using server = await startScriptedServer({}, lifetime)
    const { manager, client_id } = await lost(server)
    server.script({ read: { status: 401 } })
    const before = server.requestsTo('read').length
    // Its secret is due, and only another client brings another.
    expect((await manager.rotate()).client_id).not.toBe(client_id)
    expect(server.requestsTo('read').slice(before)).toMatchObject([{ status: 401 }])
    expect(server.requestsTo('update')).toEqual([])
  })

  test('is left alone where the server can not be reached, and the client goes on', async () => {
    await using server = await startScriptedServer({}, lifetime)
    const { manager, store, client_id } = await lost(server)
    await store.overwrite({ renewAt: Date.now() + 20_000_000 })
    server.script({ read: { status: 503 } })
    const before = server.requestsTo('read').length
    const { manager: other } = start(server, store)
    for (const each of [other, other, manager]) expect((await each.watch().next()).value).toMatchObject({ client_id })
    expect(server.requestsTo('read')).toHaveLength(before + 1)
    server.script({ read: undefined })
    clock.pass(3000)
    await other.watch().next()
    expect(await other.status()).toMatchObject({ manageable: true })
  })
})

test('a secret is not carried over to a method that needs none', async () => {
  await using server = await startScriptedServer({
    update: (_, usual) => {
      const { body, ...answer } = usual()
      return { ...answer, body: { ...Object(body), client_secret: undefined, client_secret_expires_at: undefined } }
    },
  })
  const store = new OpenStore()
  const { client_id, client_secret } = await start(server, store).manager.ensure()
  const declared = { ...metadata, token_endpoint_auth_method: 'none' }
  const fresh = await start(server, store, { metadata: declared }).manager.ensure()
  expect(fresh).toMatchObject({ client_id, token_endpoint_auth_method: 'none' })
  expect(fresh).not.toHaveProperty('client_secret')
  expect((await store.peek()).value).not.toContain(String(client_secret))
})

for (const name of ['was lost', 'says nothing'])
  test(`a secret is not carried over to a client without one either where the answer ${name}`, async () => {
    const answer = name === 'was lost' ? ({ lost: 'after' } as const) : { body: 'made' }
    const update = (_: unknown, usual: () => Answer): Answer => ({ ...usual(), ...answer })
    await using server = await startScriptedServer({ ...sayingLittle(), update })
    const store = new OpenStore()
    const { client_id, client_secret } = await start(server, store).manager.ensure()
    const { manager, events } = start(server, store, { metadata: { ...metadata, token_endpoint_auth_method: 'none' } })
    expect(await manager.ensure()).not.toHaveProperty('client_secret')
    expect(await manager.authentication()).toEqual({ form: { client_id } })
    expect((await store.peek()).value).not.toContain(String(client_secret))
    const deviation = expect.objectContaining({ rule: 'update-unconfirmed' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'deviation', deviation }))
  })

describe('a store that can be read and not written', () => {
  const readOnly = (): never => {
    throw new StoreError('store-denied', 'read-only file system')
  }

  test('does not stop a start with a good client when the declaration changed', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    store.beforeSave = readOnly
    const { manager, events } = start(server, store, { metadata: renamed })
    const before = server.requests.length
    expect(await manager.ensure()).toEqual(first)
    expect(server.requests.slice(before)).toEqual([])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'drift', reason: 'store', message: expect.stringContaining('read-only') }),
    )
    expect(await manager.authentication()).toHaveProperty('headers')
  })

  test('makes no drift of a higher generation, or of another route: the client is what is declared', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const first = await start(server, store, { generation: 1 }).manager.ensure()
    store.beforeSave = readOnly
    const byHand = { issuer: 'https://elsewhere.example', client_id: 'by-hand' }
    for (const declared of [{ generation: 2 }, { generation: 2, preRegistered: byHand }]) {
      const { manager, events } = start(server, store, declared)
      expect(await manager.ensure()).toEqual(first)
      expect(events.map(({ type }) => type)).toContain('store')
      expect(events.map(({ type }) => type)).not.toContain('drift')
    }
  })

  test('does not stop it when a renewal is due, until the secret ends', async () => {
    await using server = await startScriptedServer({}, { secretLifetime: 3600, renewSecretOnUpdate: true })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    store.beforeSave = readOnly
    clock.pass(3_500_000)
    const { manager, told } = start(server, store)
    expect(await manager.ensure()).toEqual(first)
    expect(told()).toContain('drift')
    clock.pass(200_000)
    expect(await failure(manager.ensure())).toMatchObject({ code: 'store-denied' })
    expect(server.requestsTo('update')).toEqual([])
  })
})

describe('two declarations at once', () => {
  test('without generations: the newer seen wins, and the older comes back only after the overlap', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const overlap = 600
    const old = start(server, store, { overlap })
    const { client_id } = await old.manager.ensure()
    const deployed = start(server, store, { overlap, metadata: renamed })
    expect(await deployed.manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    // A replica of the old release restarts during the deploy.
    const restarted = start(server, store, { overlap })
    expect(await restarted.manager.ensure()).toMatchObject({ client_id, client_name: 'orders 2' })
    expect(restarted.told()).toEqual(['drift'])
    expect(server.requestsTo('update')).toHaveLength(1)
    await new Promise((resolve) => setTimeout(resolve, overlap + 50))
    // A rollback arrives.
    expect((await restarted.manager.ensure()).client_name).toBeUndefined()
    expect(server.requestsTo('update')).toHaveLength(2)
    const forward = start(server, store, { overlap, metadata: renamed })
    expect((await forward.manager.ensure()).client_name).toBeUndefined()
    expect(forward.told()).toEqual(['drift'])
  })

  test('and more of them, started again and again, are applied once each', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    for (let n = 0; n < 60; n++)
      await start(server, store, { metadata: { ...metadata, client_name: `pod ${n % 20}` } }).manager.ensure()
    expect(server.requestsTo('update')).toHaveLength(19)
  })

  test('of which the one in force is not known wait for nobody', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const { manager } = start(server, store)
    const known = await manager.ensure()
    await manager.recover({ ...known, scope: 'other' })
    await manager.ensure()
    clock.pass(3_600_000)
    const { saves } = store
    await start(server, store).manager.ensure()
    expect(store.saves).toBe(saves)
  })

  test('with generations: a rollback under a higher one is no return that anybody is warned of', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    await start(server, store, { generation: 1 }).manager.ensure()
    await start(server, store, { generation: 2, metadata: renamed }).manager.ensure()
    const { manager, told } = start(server, store, { generation: 3 })
    await manager.ensure()
    expect(told()).toEqual(['intent', 'updated'])
  })

  test('with generations: a lower one never replaces a higher one', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store, { generation: 1 }).manager.ensure()
    await start(server, store, { generation: 2, metadata: renamed }).manager.ensure()
    for (const options of [{ generation: 1, overlap: 0 }, { overlap: 0 }]) {
      const old = start(server, store, options)
      expect((await old.manager.ensure()).client_name).toBe('orders 2')
      expect(old.told()).toEqual(['drift'])
    }
    const back = start(server, store, { generation: 3 })
    expect((await back.manager.ensure()).client_name).toBeUndefined()
    expect(await back.manager.status()).toMatchObject({ generation: 3 })
  })

  for (const [name, newer, older] of [
    ['a higher generation', { generation: 2, metadata: renamed }, { generation: 1 }],
    ['the same under a higher generation', { generation: 2, metadata: renamed }, { generation: 1, metadata: renamed }],
    ['what has superseded it', { metadata: renamed }, {}],
  ] as const) {
    test(`a program that replaces a forgotten client registers ${name}, not its own`, async () => {
      await using server = await startScriptedServer()
      const store = new OpenStore()
      const old = start(server, store, { ...older, forgetDelay: 0 })
      await old.manager.ensure()
      const declared = await start(server, store, newer).manager.ensure()
      server.forget(declared.client_id)
      const fresh = await old.manager.reportRejected(declared)
      expect(server.clientIds()).toEqual([fresh.client_id])
      expect(fresh.client_name).toBe('orders 2')
      expect((await old.manager.status()).generation).toBe('generation' in newer ? 2 : undefined)
    })
  }

  test('do not take turns where overlap is 0 either, though the first return comes at once', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    const [one, two] = [named, renamed].map((it) => start(server, store, { metadata: it, overlap: 0 }).manager)
    for (let i = 0; i < 6; i++) {
      await one?.ensure()
      await two?.ensure()
    }
    expect(server.requestsTo('update')).toHaveLength(3)
    clock.pass(120_000)
    await one?.ensure()
    await two?.ensure()
    expect(server.requestsTo('update').length).toBeGreaterThan(3)
  })

  test('of which one has a lower generation promise no instant at which it is applied', async () => {
    await using server = await startScriptedServer()
    const store = memoryStore()
    const newer = { generation: 2, overlap: 0, metadata: { ...metadata, client_name: 'two' } }
    const older = start(server, store, { generation: 1, overlap: 60_000 })
    await older.manager.ensure()
    await start(server, store, newer).manager.ensure()
    expect(await older.manager.ensure()).toMatchObject({ client_name: 'two' })
    const drift = older.events.find(({ type }) => type === 'drift')
    const message = expect.stringContaining('unless its generation is higher')
    expect(drift).toMatchObject({ reason: 'superseded', message })
    expect(await older.manager.status()).toMatchObject({ waiting: [] })
  })

  test('of the same content take the higher generation, without a request', async () => {
    await using server = await startScriptedServer()
    const store = new OpenStore()
    await start(server, store, { generation: 1 }).manager.ensure()
    const before = server.requests.length
    const { manager } = start(server, store, { generation: 7 })
    await manager.ensure()
    expect(await manager.status()).toMatchObject({ generation: 7 })
    expect(server.requests).toHaveLength(before)
  })
})

describe('an update whose answer could not be stored', () => {
  const full = (value: string): void => {
    if (value.includes('"orders 2"') && !value.includes('"intent":{')) throw new Error('disk full')
  }

  test('is stored by the next call, without another request; the client in use is returned meanwhile', async () => {
    await using server = await startScriptedServer({}, { rotate: 'update' })
    const store = new OpenStore()
    const first = await start(server, store).manager.ensure()
    const { manager, events } = start(server, store, { metadata: renamed })
    store.beforeSave = full
    expect(await manager.ensure()).toEqual(first)
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'drift', reason: 'store', message: expect.stringContaining('disk full') }),
    )
    store.beforeSave = undefined
    expect(await manager.ensure()).toMatchObject({ client_id: first.client_id, client_name: 'orders 2' })
    expect(server.requestsTo('update')).toHaveLength(1)
    expect(server.requestsTo('read')).toHaveLength(0)
    expect(await manager.status()).toMatchObject({ manageable: true })
    const held = server.registration(first.client_id)?.registration_access_token
    expect((await store.peek()).record['registration']).toMatchObject({ registration_access_token: held })
  })

  for (const [operation, lifetime] of Object.entries({ update: undefined, renewal: 86_400 }))
    test(`has its credentials stored by the next call, also where it must not be used otherwise: ${operation}`, async () => {
      const added = ['https://somebody.example/cb']
      await using server = await startScriptedServer(
        {
          update: (_, usual) => {
            const answer = usual()
            return { ...answer, body: { ...Object(answer.body), redirect_uris: added } }
          },
        },
        { rotate: 'update', secretLifetime: lifetime },
      )
      const store = new OpenStore()
      const first = await start(server, store).manager.ensure()
      if (lifetime) clock.pass(lifetime * 800)
      const { manager } = start(server, store, lifetime ? {} : { metadata: renamed })
      store.beforeSave = () => {
        if (server.requestsTo('update').length > 0) throw new Error('disk full')
      }
      await manager.ensure()
      store.beforeSave = undefined
      const held = server.registration(first.client_id)?.registration_access_token
      await manager.ensure()
      expect((await store.peek()).value).toContain(held)
    })

  test('revives management that somebody else has found dead meanwhile', async () => {
    await using server = await startScriptedServer({}, { rotate: 'update' })
    const store = new OpenStore()
    const options = { forgetDelay: 0 }
    const { manager } = start(server, store, options)
    const { client_id } = await manager.ensure()
    await manager.read()
    const holder = start(server, store, { ...options, metadata: renamed })
    store.beforeSave = full
    await holder.manager.ensure()
    store.beforeSave = undefined
    // Another replica takes over after the lease, and reads with the old token.
    const { record } = await store.peek()
    await store.overwrite({ intent: { ...Object(record['intent']), lease: 0 } })
    const other = start(server, store, { ...options, metadata: renamed })
    await other.manager.ensure()
    expect(await other.manager.status()).toMatchObject({ manageable: false })
    await holder.manager.ensure()
    expect(await other.manager.status()).toMatchObject({ client_id, manageable: true })
    expect(await other.manager.ensure()).toMatchObject({ client_name: 'orders 2' })
  })
})
