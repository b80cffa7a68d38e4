import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedServer, Scripts } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { gate } from '../manager/managed.ts'
import { call, until } from './bench.ts'
import type { Bench } from './bench.ts'
import { open, serveLab } from './lab/lab.ts'
import type { Lab } from './lab/lab.ts'
import { eventually } from './tab.ts'
import type { Tab } from './tab.ts'

/** A tab at a site whose storage nothing was ever written to, and a server. */
async function fresh(bench: Bench, scripts: Scripts = {}): Promise<Scene> {
  const lab = await serveLab()
  const server = await startScriptedServer(scripts, { open: true, cors: true })
  const tab = await open(bench.browser, lab)
  const { storage } = tab
  if (storage === undefined) throw new Error('This browser can not be told what happens to its storage')
  const visit = async (): Promise<unknown> => {
    await tab.evaluate(call('lab.begin', { issuer: server.issuer }))
    return eventually(tab, 'lab.outcome')
  }
  return {
    lab,
    server,
    tab,
    storage,
    visit,
    async [Symbol.asyncDispose]() {
      await tab.close()
      await Promise.all([lab.close(), server.close()])
    },
  }
}

interface Scene extends AsyncDisposable {
  lab: Lab
  server: ScriptedServer
  tab: Tab
  storage: NonNullable<Tab['storage']>
  /** A visit, and what came of it. */
  visit: () => Promise<unknown>
}

/** A large answer, for which there is no room where there is some for an intent. */
const large: Scripts = {
  register: (_, usual) => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), vendor: 'x'.repeat(50_000) } }
  },
}

/** An expression: the database of the store, opened by somebody else in that version. */
const openedAs = (version: number): string => `new Promise((resolve, reject) => {
  const asked = indexedDB.open('registrant', ${version})
  asked.onupgradeneeded = () => ['records', 'keys'].forEach((name) => asked.result.createObjectStore(name))
  asked.onsuccess = () => resolve(asked.result)
  asked.onerror = () => reject(asked.error)
})`

const full = { error: { name: 'StoreError', code: 'store-unavailable' } }

/** An expression: what stores that are opened and closed leave in the page, where one was opened before. */
const leftOpen = `(async () => {
  const visit = async () => {
    const store = lab.indexedDbStore()
    await store.load('key')
    await store.close()
  }
  await visit()
  const left = { connections: 0, listeners: 0 }
  const { open } = IDBFactory.prototype
  const { close } = IDBDatabase.prototype
  const listen = window.addEventListener
  IDBFactory.prototype.open = function (...name) { left.connections++; return open.apply(this, name) }
  IDBDatabase.prototype.close = function () { left.connections--; close.call(this) }
  window.addEventListener = (...event) => { left.listeners++; listen.apply(window, event) }
  for (let times = 0; times < 5; times++) await visit()
  return left
})()`

export function storageFaults(bench: () => Bench): void {
  describe('storage that', () => {
    test('is cleared while the server is asked gets the client that comes of it', async () => {
      const { opened, open: answer } = gate()
      await using scene = await fresh(bench(), { register: async (_, usual) => opened.then(usual) })
      const { lab, server, storage, tab, visit } = scene
      const visited = visit()
      await until(() => server.requestsTo('register').length === 1)
      await storage.clear(lab.origin)
      answer()
      const [client_id] = [Reflect.get(Object(await visited), 'client_id')]
      const later = await open(bench().browser, lab)
      expect(await later.evaluate(call('lab.visit', { issuer: server.issuer }))).toMatchObject({
        client_id,
        events: [{ type: 'reused' }],
      })
      expect(server.requestsTo('register')).toHaveLength(1)
      expect(server.clientIds()).toEqual([client_id])
      await Promise.all([later.close(), tab.goto(lab.elsewhere)])
    })

    test('is cleared between two visits is empty, and the next one registers', async () => {
      await using scene = await fresh(bench())
      const { lab, server, storage, visit } = scene
      await visit()
      await storage.clear(lab.origin)
      expect(await visit()).toMatchObject({ client_id: server.clientIds()[1] })
    })

    test('another connection keeps from being deleted is an error in time, and works once that one is closed', async () => {
      await using scene = await fresh(bench())
      const { server, tab, visit } = scene
      // A library that does not heed `versionchange`.
      await tab.evaluate(`${openedAs(1)}.then((held) => { lab.held = held; indexedDB.deleteDatabase('registrant') })`)
      // A page keeps its store for as long as it lives.
      const load = "lab.store.load('key').then((found) => found ?? 'absent', ({ code }) => code)"
      await tab.evaluate(`(lab.store = lab.indexedDbStore(), lab.first = [${load}], undefined)`)
      expect(await visit()).toMatchObject({
        error: { code: 'store-unavailable', message: expect.stringContaining('another tab may hold up its deletion') },
      })
      expect(server.requests).toEqual([])
      expect(await tab.evaluate('lab.first[0]')).toBe('store-unavailable')
      await tab.evaluate('lab.held.close()')
      expect(await tab.evaluate(load)).toBe('absent')
      expect(await visit()).toMatchObject({ client_id: server.clientIds()[0] })
    })

    test('was closed holds no connection, and no listener of the page', async () => {
      await using scene = await fresh(bench())
      expect(await scene.tab.evaluate(leftOpen)).toEqual({ connections: 0, listeners: 0 })
    })

    test('a newer release has laid out is told as that, and is not touched', async () => {
      await using scene = await fresh(bench())
      const { server, tab, visit } = scene
      await tab.evaluate(`${openedAs(1000)}.then((database) => database.close())`)
      expect(await visit()).toMatchObject({ error: { code: 'newer-schema' } })
      expect(server.requests).toEqual([])
      const version = await tab.evaluate('indexedDB.databases().then(([{ version }]) => version)')
      expect(version).toBe(1000)
    })

    test.each(['"abc"', 'null', '{ value: 5, version: "v" }'])(
      'holds %s, which no store has written, is told as damaged, and can be saved over',
      async (foreign) => {
        await using scene = await fresh(bench())
        const { server, tab, visit } = scene
        await visit()
        const put = (value: string): string => `${openedAs(1)}.then((database) => new Promise((resolve) => {
          const records = database.transaction('records', 'readwrite').objectStore('records')
          records.getAllKeys().onsuccess = ({ target }) => {
            lab.key = target.result[0]
            records.put(${value}, lab.key)
          }
          records.transaction.oncomplete = () => { database.close(); resolve() }
        }))`
        await tab.evaluate(put(foreign))
        expect(await visit()).toMatchObject({ error: { code: 'store-corrupt' } })
        await tab.evaluate(`(async (store) => {
          const { version } = await store.load(lab.key)
          lab.saved = await store.save(lab.key, '{', version)
        })(lab.indexedDbStore())`)
        expect(await tab.evaluate('lab.saved')).toBeTypeOf('string')
        expect(server.requestsTo('register')).toHaveLength(1)
      },
    )

    test('the page may not use is told as that, and nothing is sent', async () => {
      await using scene = await fresh(bench())
      const { lab, server, tab, visit } = scene
      await tab.block?.()
      await tab.goto(lab.page)
      await eventually(tab, "typeof lab === 'object'")
      expect(await visit()).toMatchObject({
        error: { code: 'store-denied', message: expect.stringMatching(/SecurityError: [^.]+\.$/) },
      })
      expect(server.requests).toEqual([])
    })

    test('is full is an error, and nothing is registered', async () => {
      await using scene = await fresh(bench())
      const { lab, server, storage, visit } = scene
      await storage.limit(lab.origin, 1)
      expect(await visit()).toMatchObject(full)
      expect(server.requests).toEqual([])
      await storage.limit(lab.origin)
      expect(await visit()).toMatchObject({ client_id: server.clientIds()[0] })
    })

    test('is full when the answer comes is an error; nothing is deleted that could not be announced', async () => {
      await using scene = await fresh(bench(), large)
      const { lab, server, storage, visit } = scene
      await storage.limit(lab.origin, 30_000)
      expect(await visit()).toMatchObject(full)
      expect(server.requestsTo('register')).toHaveLength(1)
      expect(server.requestsTo('delete')).toHaveLength(0)
      await storage.limit(lab.origin)
      const clientId: unknown = Reflect.get(Object(await visit()), 'client_id')
      expect(server.clientIds()).toContain(clientId)
    })
  })

  test('a first visit shows no request as cancelled, whose small answers say how long they are', async () => {
    const measured = (_: unknown, usual: () => Answer): Answer => {
      const { body, headers, ...answer } = usual()
      const text = JSON.stringify(body)
      return { ...answer, body: text, headers: { ...headers, 'content-length': String(text.length) } }
    }
    await using scene = await fresh(bench(), { discovery: measured, register: measured })
    const { server, tab, visit } = scene
    const cancelled = await tab.watchCancelled?.()
    for (let visits = 0; visits < 5; visits++) {
      await scene.storage.clear(scene.lab.origin)
      await visit()
    }
    expect(server.requestsTo('register')).toHaveLength(5)
    expect(cancelled).toEqual([])
  })
}
