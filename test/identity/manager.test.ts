// The manager with more than one way to a client: one program, at servers of three kinds.
import { memoryStore, RegistrationManager } from '@registrant/node'
import type { ManagerOptions, RegistrationEvent, RegistrationStore } from '@registrant/node'
import { hydra } from '@registrant/node/profiles'
import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer } from '@registrant/test/servers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { Clock } from '../support/clock.ts'
import { takeClock } from '../support/clock.ts'
import { keepIn } from '../support/dump.ts'
import { failure } from '../support/failure.ts'

const hour = 3_600_000
const metadataDocument = 'https://app.example/client.json'
const metadata = { redirect_uris: ['https://app.example/callback'], client_name: 'Orders' }

let clock: Clock
beforeAll(() => void (clock = takeClock()))
afterAll(() => clock[Symbol.dispose]())

const opened: { close(): Promise<void> }[] = []
afterEach(async () => void (await Promise.all(opened.splice(0).map((it) => it.close()))))

/** A server whose metadata say what a test lays over them, now and later. */
async function serve(
  says: Record<string, unknown> = {},
): Promise<{ server: ScriptedServer; says: Record<string, unknown> }> {
  const server = await startScriptedServer({}, { open: true, metadata: says })
  opened.push(server)
  return { server, says }
}

const takesDocuments = { client_id_metadata_document_supported: true }
const registersNobody = { registration_endpoint: undefined }

interface Program {
  manager: RegistrationManager
  events: RegistrationEvent[]
  told: () => string[]
}

/** The program, as it starts: the same options at each server, and what a test changes. */
function start(server: ScriptedServer, store: RegistrationStore, options: Partial<ManagerOptions> = {}): Program {
  const events: RegistrationEvent[] = []
  const { server: _, issuer = server.issuer, ...rest } = options
  const manager = new RegistrationManager({
    issuer,
    application: 'orders',
    metadata,
    store,
    timeout: 2000,
    metadataDocument,
    onEvent: keepIn(events),
    ...rest,
  })
  opened.push(manager)
  const quiet = new Set(['request', 'finding', 'deviation', 'intent'])
  return { manager, events, told: () => events.map(({ type }) => type).filter((type) => !quiet.has(type)) }
}

/** What it was asked, and no more, while something happens. */
async function askedDuring(server: ScriptedServer, work: () => Promise<unknown>): Promise<string[]> {
  const before = server.requests.length
  await work()
  return server.requests.slice(before).map(({ endpoint }) => endpoint)
}

describe('one program at three servers', () => {
  test('is the client that was registered by hand, the one of its document, and one that it registers', async () => {
    const byHand = await serve({ ...takesDocuments })
    const byDocument = await serve({ ...takesDocuments })
    const dynamic = await serve()
    const preRegistered = { issuer: byHand.server.issuer, client_id: 'by-hand', client_secret: 's3cret' }
    const kinds = [
      {
        server: byHand.server,
        client: { client_id: 'by-hand', client_secret: 's3cret' },
        route: 'pre-registered',
        asked: [],
      },
      {
        server: byDocument.server,
        client: { client_id: metadataDocument, token_endpoint_auth_method: 'none', ...metadata },
        route: 'metadata-document',
        asked: ['discovery'],
      },
      { server: dynamic.server, client: metadata, route: undefined, asked: ['discovery', 'register'] },
    ]
    for (const { server, client, route, asked } of kinds) {
      const store = memoryStore()
      const first = start(server, store, { preRegistered })
      expect(await askedDuring(server, async () => expect(await first.manager.ensure()).toMatchObject(client))).toEqual(
        asked,
      )
      const { client_id } = await first.manager.ensure()
      expect(await first.manager.status()).toMatchObject({ state: 'registered', client_id })
      expect((await first.manager.status()).route).toBe(route)
      await first.manager.close()

      // A restart, and another replica, make no request.
      expect(
        await askedDuring(server, async () => {
          for (const again of [start(server, store, { preRegistered }), start(server, store, { preRegistered })])
            expect(await again.manager.ensure()).toMatchObject({ ...client, client_id })
        }),
      ).toEqual([])
    }
    expect([byHand, byDocument, dynamic].map(({ server }) => server.clients())).toEqual([0, 0, 1])
  })

  test('proves each of them as it is', async () => {
    const { server } = await serve({ ...takesDocuments })
    const preRegistered = { issuer: server.issuer, client_id: 'by-hand', client_secret: 's3cret' }
    const { headers } = await start(server, memoryStore(), { preRegistered }).manager.authentication()
    expect(headers?.['authorization']).toBe(`Basic ${btoa('by-hand:s3cret')}`)
    expect(await start(server, memoryStore()).manager.authentication()).toEqual({
      form: { client_id: metadataDocument },
    })
    const isPublic = { ...preRegistered, client_secret: undefined }
    expect(await start(server, memoryStore(), { preRegistered: isPublic }).manager.authentication()).toEqual({
      form: { client_id: 'by-hand' },
    })
    const method = 'private_key_jwt'
    const keyed = start(server, memoryStore(), { metadata: { ...metadata, token_endpoint_auth_method: method } })
    expect(await failure(keyed.manager.authentication())).toMatchObject({ code: 'unsupported' })
  })

  test('is told which it is, and why', async () => {
    const { server } = await serve({ ...takesDocuments })
    const byDocument = start(server, memoryStore())
    await byDocument.manager.ensure()
    expect(byDocument.events).toContainEqual(
      expect.objectContaining({
        type: 'chosen',
        route: 'metadata-document',
        client_id: metadataDocument,
        reason: expect.stringContaining('No client was registered by hand.'),
      }),
    )
    const preRegistered = { issuer: server.issuer, client_id: 'by-hand' }
    const byHand = start(server, memoryStore(), { preRegistered })
    await byHand.manager.ensure()
    expect(byHand.events).toContainEqual(expect.objectContaining({ type: 'chosen', route: 'pre-registered' }))
    expect(byHand.told()).toEqual(['chosen'])
  })
})

describe('a client that was registered by hand', () => {
  test('is never used at another issuer', async () => {
    const { server } = await serve()
    const preRegistered = { issuer: `${server.issuer}/`, client_id: 'elsewhere', client_secret: 's3cret' }
    const program = start(server, memoryStore(), { preRegistered, metadataDocument: undefined })
    const { client_id } = await program.manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
    expect(program.events).toContainEqual(
      expect.objectContaining({ type: 'warning', rule: 'pre-registered-elsewhere' }),
    )
  })

  test('is the one of several that is bound to the issuer', async () => {
    const { server } = await serve()
    const preRegistered = [
      { issuer: 'https://a.example', client_id: 'a' },
      { issuer: server.issuer, client_id: 'b' },
    ]
    expect((await start(server, memoryStore(), { preRegistered }).manager.ensure()).client_id).toBe('b')
  })

  test('is another one as soon as the options say so, without a request', async () => {
    const { server } = await serve()
    const store = memoryStore()
    const preRegistered = { issuer: server.issuer, client_id: 'one', client_secret: 'old' }
    await start(server, store, { preRegistered }).manager.ensure()
    for (const changed of [{ client_secret: 'new' }, { client_id: 'two' }]) {
      const now = { ...preRegistered, ...changed }
      const { issuer: _, ...client } = now
      expect(
        await askedDuring(server, async () =>
          expect(await start(server, store, { preRegistered: now }).manager.ensure()).toMatchObject(client),
        ),
      ).toEqual([])
    }
  })

  test('is refused with a member that is missing or empty, and the client in use stays in use', async () => {
    const { server } = await serve()
    const store = memoryStore()
    const { issuer } = server
    const { client_id } = await start(server, store, { metadataDocument: undefined }).manager.ensure()
    const byHand = { issuer, client_id: 'by-hand' }
    for (const wrong of [
      { ...byHand, client_id: '' },
      { ...byHand, issuer: '' },
      { ...byHand, client_secret: '' },
      { ...byHand, token_endpoint_auth_method: '' },
      JSON.parse(JSON.stringify({ issuer })),
      JSON.parse(JSON.stringify({ ...byHand, client_id: 5 })),
      JSON.parse(JSON.stringify({ ...byHand, client_secret: null })),
      JSON.parse(JSON.stringify({ ...byHand, token_endpoint_auth_method: 5 })),
    ])
      for (const preRegistered of [wrong, [byHand, wrong]]) {
        const options = { preRegistered, prefer: 'pre-registered', metadataDocument: undefined } as const
        const error = await failure((async () => start(server, store, options).manager.ensure())())
        expect(error).toMatchObject({ code: 'invalid-request', findings: [{ member: 'preRegistered' }] })
      }
    const again = start(server, store, { metadataDocument: undefined })
    expect(await again.manager.ensure()).toMatchObject({ client_id })
    expect(server.clientIds()).toEqual([client_id])
  })

  test('has no secret that is stored where secrets are not kept', async () => {
    const { server } = await serve()
    const preRegistered = { issuer: server.issuer, client_id: 'one', client_secret: 's3cret' }
    const error = await failure(start(server, memoryStore(), { preRegistered, keepSecret: false }).manager.ensure())
    expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('preRegistered') })
  })

  test('takes the place of a registered one only where that is preferred, and then the old one is deleted', async () => {
    const { server } = await serve()
    const store = memoryStore()
    const first = await start(server, store).manager.ensure()
    const preRegistered = { issuer: server.issuer, client_id: 'by-hand' }
    expect(
      await askedDuring(server, async () =>
        expect((await start(server, store, { preRegistered }).manager.ensure()).client_id).toBe(first.client_id),
      ),
    ).toEqual([])
    const preferring = start(server, store, { preRegistered, prefer: 'pre-registered', overlap: 0 })
    expect((await preferring.manager.ensure()).client_id).toBe('by-hand')
    expect(preferring.events).toContainEqual(
      expect.objectContaining({ type: 'replaced', old: first.client_id, client_id: 'by-hand' }),
    )
    await preferring.manager.close()
    expect(server.clients()).toBe(0)
    // What was registered by hand is nobody's to delete, or to list.
    const back = start(server, store, { metadataDocument: undefined, overlap: 0 })
    clock.pass(hour)
    expect((await back.manager.ensure()).client_id).not.toBe('by-hand')
    expect(await back.manager.status()).toMatchObject({ orphans: [], replaced: [] })
  })

  const unmanaged = { registration_access_token: undefined, registration_client_uri: undefined }
  test.each([
    ['is in use', {}, []],
    ['is in use, and that nothing manages', unmanaged, []],
    ['waits for its deletion', {}, ['ensure']],
    ['was forgotten', {}, ['forget']],
    ['is recovered', {}, ['recover']],
  ] as const)('and is one that the program registered, which %s, is never lost', async (_, members, before) => {
    const { server } = await serve()
    server.script({
      register(__, usual) {
        const answer = usual()
        return { ...answer, body: { ...Object(answer.body), ...members } }
      },
    })
    const store = memoryStore()
    const first = await start(server, store).manager.ensure()
    const { client_id } = first
    const prefer = 'pre-registered'
    const named = { prefer, preRegistered: { issuer: server.issuer, client_id } } as const
    if (before[0] === 'ensure')
      await start(server, store, {
        ...named,
        preRegistered: { ...named.preRegistered, client_id: 'by-hand' },
      }).manager.ensure()
    if (before[0] === 'forget') await start(server, store).manager.forget()
    if (before[0] === 'recover') await start(server, store, named).manager.recover(first)
    for (const more of [{}, { metadata: { ...metadata, client_name: 'Other' } }]) {
      const { manager } = start(server, store, { ...named, ...more })
      expect((await manager.ensure()).client_id).toBe(client_id)
      expect(await manager.status()).toMatchObject({ route: 'pre-registered', orphans: [], replaced: [] })
      expect(await failure(manager.delete())).toMatchObject({ code: 'not-managed' })
    }
    // Another program may use it too by now: only a person's word deletes it.
    const { manager } = start(server, store, { generation: 1, overlap: 0 })
    const other = await manager.ensure()
    expect(other.client_id).not.toBe(client_id)
    await manager.close()
    const last = start(server, store, { generation: 1, overlap: 0 })
    expect((await last.manager.status()).orphans).toEqual([expect.objectContaining({ client_id })])
    const isManaged = members !== unmanaged
    expect((await last.manager.sweep()).map((it) => it.client_id)).toEqual(isManaged ? [] : [client_id])
    expect(server.clientIds()).toEqual(isManaged ? [other.client_id] : [client_id, other.client_id])
  })
})

describe('a client that the program registered, and that is named as registered by hand,', () => {
  const renamed = { metadata: { ...metadata, client_name: 'Other' } }

  test.each([undefined, 'pre-registered', 'dynamic'] as const)(
    'is neither changed nor deleted, where what is preferred is %s',
    async (prefer) => {
      const { server } = await serve()
      const store = memoryStore()
      const alone = { metadataDocument: undefined }
      const { client_id, client_secret } = await start(server, store, alone).manager.ensure()
      const named = { ...alone, prefer, preRegistered: { issuer: server.issuer, client_id, client_secret } }
      const refused = async (verb: 'delete' | 'read' | 'rotate'): Promise<void> =>
        expect(await failure(start(server, store, named).manager[verb]())).toMatchObject({ code: 'not-managed' })
      const asked = await askedDuring(server, async () => {
        await refused('delete')
        for (const more of [{}, renamed])
          expect((await start(server, store, { ...named, ...more }).manager.ensure()).client_id).toBe(client_id)
        expect(await start(server, store, named).manager.status()).toMatchObject({ route: 'pre-registered' })
        for (const verb of ['delete', 'read', 'rotate'] as const) await refused(verb)
        // What was given up is listed, and stays where it is, too.
        const { manager } = start(server, store, named)
        await manager.forget()
        expect(await manager.sweep()).toMatchObject([{ client_id }])
      })
      expect(asked).toEqual([])
      await start(server, store, named).manager.ensure()
      expect(server.clientIds()).toContain(client_id)
    },
  )

  test.each(['replaced', 'forgotten'] as const)(
    'is not deleted after it was %s, until it is taken out again',
    async (how) => {
      const { server } = await serve()
      const store = memoryStore()
      server.script({ update: { status: 405 } })
      const { manager } = start(server, store)
      const { client_id } = await manager.ensure()
      if (how === 'forgotten') await manager.forget()
      const other = await start(server, store, renamed).manager.ensure()
      expect(other.client_id).not.toBe(client_id)
      const named = start(server, store, { ...renamed, preRegistered: { issuer: server.issuer, client_id } })
      expect((await named.manager.ensure()).client_id).toBe(other.client_id)
      clock.pass(2 * hour)
      await named.manager.sweep()
      await named.manager.close()
      expect(server.clientIds()).toEqual([client_id, other.client_id])
      await start(server, store, renamed).manager.sweep()
      expect(server.clientIds()).toEqual([other.client_id])
    },
  )
})

describe('a client with a document', () => {
  test('changes over where a server begins to take documents only if that is preferred', async () => {
    const { server, says } = await serve()
    const [asEver, preferring] = [memoryStore(), memoryStore()]
    const prefer = 'metadata-document'
    const registered = await start(server, asEver).manager.ensure()
    const other = await start(server, preferring, { prefer, instance: 'two' }).manager.ensure()
    expect(server.clientIds()).toEqual([registered.client_id, other.client_id])
    Object.assign(says, takesDocuments)

    // While what the server said counts, nobody looks again.
    const early = (): Promise<string[]> =>
      askedDuring(server, () => start(server, preferring, { prefer, instance: 'two' }).manager.ensure())
    expect(await early()).toEqual([])
    clock.pass(2 * hour)
    expect(
      await askedDuring(server, async () => expect(await start(server, asEver).manager.ensure()).toEqual(registered)),
    ).toEqual([])
    const later = start(server, preferring, { prefer, instance: 'two', overlap: 0 })
    expect((await later.manager.ensure()).client_id).toBe(metadataDocument)
    await later.manager.close()
    expect(server.clientIds()).toEqual([registered.client_id])
    expect(await early()).toEqual([])
    // Whoever begins to prefer it looks at once.
    expect((await start(server, asEver, { prefer }).manager.ensure()).client_id).toBe(metadataDocument)
  })

  test('registers where a server stops to take documents', async () => {
    const { server, says } = await serve({ ...takesDocuments })
    const store = memoryStore()
    expect((await start(server, store).manager.ensure()).client_id).toBe(metadataDocument)
    says['client_id_metadata_document_supported'] = false
    clock.pass(2 * hour)
    const { manager } = start(server, store)
    const { client_id } = await manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
    expect(await manager.status()).toMatchObject({ orphans: [], replaced: [] })
    expect((await manager.status()).route).toBeUndefined()
  })

  test('registers at the endpoint that the profile knows, where the metadata name none', async () => {
    const { server } = await serve({ ...registersNobody })
    const profile = { ...hydra, registrationEndpoint: '{issuer}/register' } as const
    const { client_id } = await start(server, memoryStore(), { profile }).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])

    const { issuer } = server
    const options = { server: { issuer }, application: 'orders', metadata, metadataDocument, profile }
    const manager = new RegistrationManager({ ...options, store: memoryStore() })
    opened.push(manager)
    const other = await manager.ensure()
    expect(server.clientIds()).toEqual([client_id, other.client_id])
  })

  test('looks again when what the server said is old, and stays', async () => {
    const { server } = await serve({ ...takesDocuments })
    const store = memoryStore()
    await start(server, store).manager.ensure()
    clock.pass(2 * hour)
    expect(await askedDuring(server, () => start(server, store).manager.ensure())).toEqual(['discovery'])
    expect(await askedDuring(server, () => start(server, store).manager.ensure())).toEqual([])
  })

  test('stays while the server is down', async () => {
    const { server } = await serve({ ...takesDocuments })
    const store = memoryStore()
    await start(server, store).manager.ensure()
    clock.pass(2 * hour)
    server.script({ discovery: { status: 503 } })
    const down = start(server, store)
    expect((await down.manager.ensure()).client_id).toBe(metadataDocument)
    expect(down.told()).toContain('drift')
    const asked = await askedDuring(server, () => start(server, store).manager.ensure())
    expect(asked.length).toBeLessThanOrEqual(3)
    server.script({ discovery: undefined })
    clock.pass(60_000)
    expect(await askedDuring(server, () => start(server, store).manager.ensure())).toEqual(['discovery'])
  })

  test('stays while the metadata of the server are not to be had, also where another way is open', async () => {
    const { server } = await serve({ ...takesDocuments })
    const store = memoryStore()
    const byHand = { issuer: server.issuer, client_id: 'by-hand', client_secret: 'a secret by hand' }
    const options = { preRegistered: byHand, prefer: 'metadata-document' } as const
    expect((await start(server, store, options).manager.ensure()).client_id).toBe(metadataDocument)
    clock.pass(48 * hour)
    server.script({ discovery: { status: 404 } })
    for (let times = 0; times < 3; times++) {
      const { manager } = start(server, store, options)
      expect((await manager.ensure()).client_id).toBe(metadataDocument)
      clock.pass(60_000)
    }
    server.script({ discovery: undefined })
    expect((await start(server, store, options).manager.ensure()).client_id).toBe(metadataDocument)
  })

  test('fails as a registration does where there is no client yet and the server is down', async () => {
    const { server } = await serve({ ...takesDocuments })
    const store = memoryStore()
    server.script({ discovery: { status: 503 } })
    expect(await failure(start(server, store).manager.ensure())).toMatchObject({
      code: 'transport',
      outcome: 'not-sent',
    })
    server.script({ discovery: undefined })
    clock.pass(60_000)
    expect((await start(server, store).manager.ensure()).client_id).toBe(metadataDocument)
  })

  test('is declared anew without a request, since its document is what counts', async () => {
    const { server } = await serve({ ...takesDocuments })
    const store = memoryStore()
    await start(server, store).manager.ensure()
    const changed = { ...metadata, client_name: 'Orders and more' }
    const asked = await askedDuring(server, async () => {
      expect(await start(server, store, { metadata: changed }).manager.ensure()).toMatchObject(changed)
    })
    expect(asked).toEqual([])
  })

  test('registers all the same where its declared method needs a secret', async () => {
    const { server } = await serve({ ...takesDocuments })
    const secret = { ...metadata, token_endpoint_auth_method: 'client_secret_basic' }
    const { client_id } = await start(server, memoryStore(), { metadata: secret }).manager.ensure()
    expect(server.clientIds()).toEqual([client_id])
  })

  test('is chosen by the option server, without a request', async () => {
    const { server } = await serve()
    const given = {
      issuer: server.issuer,
      token_endpoint: `${server.url}/token`,
      registration_endpoint: `${server.url}/register`,
    }
    const store = memoryStore()
    const program = (more: object): RegistrationManager => {
      const manager = new RegistrationManager({
        server: { ...given, ...more },
        application: 'orders',
        metadata,
        store,
        metadataDocument,
        prefer: 'metadata-document',
      })
      opened.push(manager)
      return manager
    }
    expect((await program({}).ensure()).client_id).not.toBe(metadataDocument)
    expect(
      await askedDuring(server, async () =>
        expect((await program(takesDocuments).ensure()).client_id).toBe(metadataDocument),
      ),
    ).toEqual([])
  })

  test('can have no address that no server would take, and no key of the manager', async () => {
    const { server } = await serve({ ...takesDocuments })
    const broken = await failure(
      start(server, memoryStore(), { metadataDocument: 'http://app.example' }).manager.ensure(),
    )
    expect(broken).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('metadataDocument') })
    const keyed = await failure(start(server, memoryStore(), { keys: {} }).manager.ensure())
    expect(keyed).toMatchObject({ code: 'invalid-request', message: expect.stringContaining('keys') })
    expect(server.requests).toEqual([])
  })
})

describe('a program that begins to have a document', () => {
  test('keeps its registered client, and asks nothing of the server for it', async () => {
    for (const more of [{}, { registration_client_uri: undefined }]) {
      const { server } = await serve({ ...takesDocuments })
      server.script({ register: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), ...more } }) })
      const store = memoryStore()
      const first = await start(server, store, { metadataDocument: undefined }).manager.ensure()
      const asked = await askedDuring(server, async () => {
        expect((await start(server, store).manager.ensure()).client_id).toBe(first.client_id)
        expect((await start(server, store).manager.ensure()).client_id).toBe(first.client_id)
      })
      expect(asked).toEqual([])
    }
  })

  test('does not take turns with a release that has none', async () => {
    const { server } = await serve({ ...takesDocuments })
    const store = memoryStore()
    const older = { metadataDocument: undefined }
    const newer = { prefer: 'metadata-document' as const }
    await start(server, store, older).manager.ensure()
    for (let round = 0; round < 5; round++) {
      expect((await start(server, store, newer).manager.ensure()).client_id).toBe(metadataDocument)
      expect((await start(server, store, older).manager.ensure()).client_id).toBe(metadataDocument)
    }
    expect(server.requestsTo('register')).toHaveLength(1)
  })
})

describe('where there is no way to a client', () => {
  test('ensure() says why each is closed, and asks again when it may have opened', async () => {
    const { server, says } = await serve({ ...registersNobody })
    const store = memoryStore()
    const preRegistered = { issuer: 'https://other.example', client_id: 'elsewhere' }
    const { manager, told } = start(server, store, { preRegistered })
    const error = await failure(manager.ensure())
    expect(error).toMatchObject({ code: 'no-registration-endpoint', outcome: 'not-sent' })
    expect(error.message).toContain('belongs to another issuer')
    expect(error.message).toContain('give it as preRegistered')
    expect(told()).toContain('chosen')
    expect(await askedDuring(server, () => failure(start(server, store).manager.ensure()))).toEqual([])
    Object.assign(says, takesDocuments)
    clock.pass(2 * hour)
    expect((await start(server, store).manager.ensure()).client_id).toBe(metadataDocument)
  })
})

describe('what nobody registered here', () => {
  const kinds = {
    'by hand': async () => {
      const { server } = await serve()
      return {
        server,
        options: { preRegistered: { issuer: server.issuer, client_id: 'by-hand', client_secret: 's3cret' } },
      }
    },
    'by a document': async () => {
      const { server } = await serve({ ...takesDocuments })
      return { server, options: {} }
    },
  }
  test.each(Object.entries(kinds))(
    'can be neither deleted, nor read, nor renewed, and that is said: %s',
    async (_, make) => {
      const { server, options } = await make()
      const { manager } = start(server, memoryStore(), options)
      const { client_id } = await manager.ensure()
      for (const verb of ['delete', 'read', 'rotate'] as const) {
        const error = await failure(manager[verb]())
        expect(error).toMatchObject({ code: 'not-managed', outcome: 'not-sent' })
        expect(error.message).toMatch(/registered by hand|metadata document/)
      }
      expect((await manager.ensure()).client_id).toBe(client_id)
      expect(await manager.status()).toMatchObject({ state: 'registered', manageable: false, orphans: [] })
      await manager.forget()
      expect((await manager.status()).orphans).toEqual([])
      expect((await manager.ensure()).client_id).toBe(client_id)
    },
  )

  test.each(Object.entries(kinds))('is what it is after recover(), too: %s', async (_, make) => {
    const { server, options } = await make()
    const { manager } = start(server, memoryStore(), options)
    const known = await manager.ensure()
    await manager.recover(known)
    expect(await manager.ensure()).toEqual(known)
    expect(await failure(manager.rotate())).toMatchObject({ code: 'not-managed' })
    expect(server.clients()).toBe(0)
  })

  test.each(Object.entries(kinds))('is neither read nor renewed by a lower generation: %s', async (_, make) => {
    const { server, options } = await make()
    const store = memoryStore()
    const { client_id } = await start(server, store, { ...options, generation: 2 }).manager.ensure()
    const { manager } = start(server, store, {
      ...options,
      generation: 1,
      metadata: { ...metadata, client_name: 'one' },
    })
    for (const verb of ['read', 'rotate'] as const)
      expect(await failure(manager[verb]())).toMatchObject({ code: 'not-managed', outcome: 'not-sent' })
    expect((await manager.ensure()).client_id).toBe(client_id)
  })

  test.each(Object.entries(kinds))('is not given up because it is refused: %s', async (_, make) => {
    const { server, options } = await make()
    const { manager } = start(server, memoryStore(), options)
    const refused = await manager.ensure()
    const error = await failure(manager.reportRejected(refused))
    expect(error).toMatchObject({ code: 'suspect', retryAfter: expect.any(Number) })
    expect(await askedDuring(server, () => failure(manager.reportRejected(refused)))).toEqual([])
    // A report without a secret is about the client.
    const { client_id } = refused
    expect(await failure(start(server, memoryStore(), options).manager.reportRejected({ client_id }))).toMatchObject({
      code: 'suspect',
    })
    expect((await manager.ensure()).client_id).toBe(client_id)
    expect(server.clients()).toBe(0)
  })

  test('and is refused is replaced where the server has stopped to take documents', async () => {
    const { server, says } = await serve({ ...takesDocuments })
    const { manager } = start(server, memoryStore())
    const refused = await manager.ensure()
    says['client_id_metadata_document_supported'] = false
    const { client_id } = await manager.reportRejected(refused)
    expect(server.clientIds()).toEqual([client_id])
  })

  test('and is refused is another one where the server offers what is preferred by now', async () => {
    for (const prefer of ['metadata-document', 'dynamic'] as const) {
      const { server, says } = await serve({ ...registersNobody })
      const preRegistered = { issuer: server.issuer, client_id: 'by-hand' }
      const { manager } = start(server, memoryStore(), { preRegistered, prefer })
      const refused = await manager.ensure()
      expect(refused.client_id).toBe('by-hand')
      Object.assign(says, takesDocuments, { registration_endpoint: `${server.url}/register` })
      const { client_id } = await manager.reportRejected(refused)
      expect([client_id]).toEqual(prefer === 'dynamic' ? server.clientIds() : [metadataDocument])
    }
  })

  test('and is refused asks nothing more of a server that can not be asked, or wants to be left alone', async () => {
    const { server } = await serve({ ...takesDocuments })
    for (const answer of [{ status: 503 }, { status: 429, headers: { 'retry-after': '3600' } }]) {
      const { manager } = start(server, memoryStore())
      const refused = await manager.ensure()
      server.script({ discovery: answer })
      const error = await failure(manager.reportRejected(refused))
      expect(error).toMatchObject({ code: 'suspect' })
      expect(Object(error).retryAfter).toBeGreaterThanOrEqual(answer.status === 429 ? 3_500_000 : 10_000)
      expect(await askedDuring(server, () => failure(manager.reportRejected(refused)))).toEqual([])
      expect((await manager.ensure()).client_id).toBe(refused.client_id)
      server.script({ discovery: undefined })
    }
  })

  test('and is refused asks the server nothing that the choice does not depend on', async () => {
    const { server } = await serve({ ...takesDocuments })
    const preRegistered = { issuer: server.issuer, client_id: 'by-hand' }
    const { manager } = start(server, memoryStore(), { preRegistered })
    const refused = await manager.ensure()
    expect(await askedDuring(server, () => failure(manager.reportRejected(refused)))).toEqual([])
  })

  test('and is refused is another one where the options hold other credentials by now', async () => {
    const { server } = await serve()
    const store = memoryStore()
    const preRegistered = { issuer: server.issuer, client_id: 'by-hand', client_secret: 'old' }
    const refused = await start(server, store, { preRegistered }).manager.ensure()
    const now = start(server, store, { preRegistered: { ...preRegistered, client_secret: 'new' } })
    expect(await now.manager.reportRejected(refused)).toMatchObject({ client_secret: 'new' })
  })
})
