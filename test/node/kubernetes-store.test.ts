import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'

import { InvalidRequestError } from '@registrant/node'
import { kubernetesStore } from '@registrant/node/kubernetes'
import type { KubernetesStore, KubernetesStoreOptions } from '@registrant/node/kubernetes'
import { storeConformance } from '@registrant/node/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import { startKubernetesApi, status } from '../engines/kubernetes.ts'
import type { KubernetesApi } from '../engines/kubernetes.ts'
import { failure, versionIn } from '../support/failure.ts'

let api: KubernetesApi

const storeIn = (name: string, options: KubernetesStoreOptions = {}): KubernetesStore =>
  kubernetesStore({ name, server: api.url, serviceAccount: api.serviceAccount, ...options })

describe('kubernetesStore, at an imitation of the API,', () => {
  describe('holds to the contract', () => {
    beforeAll(async () => {
      api = await startKubernetesApi()
    })
    afterAll(() => api[Symbol.asyncDispose]())
    // A Secret for each case: all of them hold more than one may.
    for (const [index, { name }] of storeConformance(() => storeIn('orders')).entries())
      test(name, () => storeConformance(() => storeIn(`orders-${index}`))[index]?.run())
  })

  describe('alone with one Secret', () => {
    beforeEach(async () => {
      api = await startKubernetesApi()
    })
    afterEach(() => api[Symbol.asyncDispose]())

    test('is found by what a pod is told', async () => {
      const { hostname, port } = new URL(api.url)
      vi.stubEnv('KUBERNETES_SERVICE_HOST', hostname)
      vi.stubEnv('KUBERNETES_SERVICE_PORT', port)
      const store = kubernetesStore({ serviceAccount: api.serviceAccount })
      await store.save('orders', 'the record', undefined)
      expect(api.secrets.get('registrant')).toMatchObject({ kind: 'Secret', type: 'Opaque' })
      vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined)
      expect(await failure(store.load('orders'))).toMatchObject({
        code: 'store-denied',
        message: expect.stringContaining('KUBERNETES_SERVICE_HOST'),
      })
      vi.unstubAllEnvs()
    })

    test('lets go of a request whose caller has left', async () => {
      const leaving = new AbortController()
      api.before = () => {
        leaving.abort(new Error('it takes too long'))
        return new Promise(() => undefined)
      }
      await expect(storeIn('orders').load('key', leaving.signal)).rejects.toThrow('it takes too long')
      await vi.waitFor(() => expect(api.requests).toEqual(['GET left']))
    })

    test('keeps what else stands in the Secret, and saves although it was labelled meanwhile', async () => {
      const store = storeIn('orders')
      const version = await store.save('key', 'before', undefined)
      api.touch('orders', (secret) => {
        secret.data = { ...secret.data, other: 'b3RoZXI=' }
      })
      let labels = 0
      api.before = (method) => {
        if (method === 'PUT' && labels < 3)
          api.touch('orders', ({ metadata }) => void (metadata['labels'] = { count: String(++labels) }))
      }
      expect(await store.save('key', 'after', String(version))).toBeTypeOf('string')
      expect(api.requests.filter((it) => it === 'PUT 409')).toHaveLength(3)
      expect(api.secrets.get('orders')).toMatchObject({
        data: { other: 'b3RoZXI=' },
        metadata: { labels: { count: '3' } },
      })
    })

    test('twenty who save first, of whom all read that there is no Secret, make one', async () => {
      let [readers, open] = [0, (): void => undefined]
      const all = new Promise<void>((resolve) => (open = resolve))
      api.before = async (method) => {
        if (method === 'GET' && ++readers === 20) open()
        if (method === 'GET' && readers <= 20) await all
      }
      const saves = Array.from({ length: 20 }, (_, index) => storeIn('orders').save('key', `value ${index}`, undefined))
      expect((await Promise.all(saves)).filter(Boolean)).toHaveLength(1)
      expect(api.requests.filter((it) => it === 'POST 409')).toHaveLength(19)
    })

    test('reads the token anew that Kubernetes has replaced', async () => {
      const store = storeIn('orders')
      await store.save('key', 'value', undefined)
      await api.rotateToken()
      expect((await store.load('key'))?.value).toBe('value')
    })

    test('hears of a save by a watch, and after one that is too old by another', async () => {
      const [store, other] = [storeIn('orders'), storeIn('orders')]
      const version = String(await store.save('key', 'before', undefined))
      const leaving = new AbortController()
      const waiting = store.changed('key', version, leaving.signal)
      await expect.poll(() => api.watches()).toBe(1)
      api.touch('orders', ({ metadata }) => void (metadata['labels'] = { touched: 'yes' }))
      api.expireWatches()
      await expect.poll(() => api.requests.filter((it) => it === 'WATCH 200').length, { timeout: 5000 }).toBe(2)
      await other.save('key', 'after', version)
      await waiting
      await store.close()
      await expect.poll(() => api.watches()).toBe(0)
    })

    test('lets go of a watch that is still being opened when it is closed', async () => {
      const store = storeIn('orders')
      const version = String(await store.save('key', 'value', undefined))
      let asked = 0
      api.before = () => {
        asked++
        return new Promise(() => undefined)
      }
      const leaving = new AbortController()
      const waiting = store.changed('key', version, leaving.signal)
      // A look and a watch.
      await expect.poll(() => asked).toBe(2)
      leaving.abort(new Error('enough'))
      await expect(waiting).rejects.toThrow('enough')
      await store.close()
      await expect.poll(() => api.requests.filter((it) => it === 'GET left').length).toBe(2)
    })

    test('looks where it may not watch', async () => {
      api.verbs.delete('watch')
      const store = storeIn('orders')
      const version = String(await store.save('key', 'before', undefined))
      const waiting = store.changed('key', version, AbortSignal.timeout(20_000))
      await expect.poll(() => api.requests.includes('WATCH 403')).toBe(true)
      await storeIn('orders').save('key', 'after', version)
      await waiting
      await store.close()
    })

    test('a save whose answer was lost is unknown, and is there', async () => {
      const store = storeIn('orders')
      const version = String(await store.save('key', 'before', undefined))
      api.lose = 'PUT'
      expect((await failure(store.save('key', 'after', version))).code).toBe('store-unknown')
      api.lose = 'GET'
      expect((await failure(store.load('key'))).code).toBe('store-unavailable')
      api.lose = undefined
      expect((await store.load('key'))?.value).toBe('after')
    })

    test.for([
      [500, 'etcdserver: request timed out'],
      [504, 'Timeout: request did not complete within requested timeout'],
    ] as const)('a save that was carried out and is answered %i is unknown, and is there', async ([code, message]) => {
      const store = storeIn('orders')
      api.instead = (method) => (method === 'GET' ? undefined : status(code, 'Timeout', message))
      const first = await failure(store.save('key', 'before', undefined))
      expect(first).toMatchObject({ code: 'store-unknown', message: expect.stringContaining(message) })
      const version = (await store.load('key'))?.version
      expect((await failure(store.save('key', 'after', version))).code).toBe('store-unknown')
      expect((await store.load('key'))?.value).toBe('after')
      api.instead = () => status(code, 'Timeout', message)
      expect((await failure(store.load('key'))).code).toBe('store-unavailable')
    })

    test('a save that was carried out and is told as late, since it was sent twice, is made', async () => {
      const store = storeIn('orders')
      const before = await store.save('key', 'before', undefined)
      let late = 1
      api.instead = (method) =>
        method === 'PUT' && late-- > 0 ? status(409, 'Conflict', 'the object has been modified') : undefined
      const version = await store.save('key', 'after', String(before))
      expect(await store.load('key')).toEqual({ value: 'after', version })
      expect(await store.save('key', 'late', String(before))).toBe(false)
    })

    test.for([
      'exceeded quota: objects, requested: secrets=1',
      'admission webhook "policy" denied the request: label team',
    ])('a refusal says why (%s), and what rights are needed', async (message) => {
      api.instead = (method) => (method === 'POST' ? status(403, 'Forbidden', message) : undefined)
      expect(await failure(storeIn('orders').save('key', 'value', undefined))).toMatchObject({
        code: 'store-denied',
        message: `Kubernetes did not make the Secret orders: 403: ${message}. Its service account needs a Role with get, create, update and watch of the Secret.`,
      })
    })

    test('what is none of ours is corrupt, and is saved over by whoever was told so', async () => {
      const store = storeIn('orders')
      await store.save('key', 'before', undefined)
      api.touch('orders', (secret) => void (secret.data = { key: Buffer.from('by hand').toString('base64') }))
      const error = await failure(store.load('key'))
      expect(error.code).toBe('store-corrupt')
      expect(await store.save('key', 'late', undefined)).toBe(false)
      await store.save('key', 'what is known', versionIn(error))
      expect((await store.load('key'))?.value).toBe('what is known')
    })

    test('an entry that is no text is corrupt too', async () => {
      const store = storeIn('orders')
      await store.save('key', 'before', undefined)
      api.touch('orders', (secret) => void (secret.data = Object({ key: 42 })))
      const error = await failure(store.load('key'))
      expect(error.code).toBe('store-corrupt')
      expect(await store.save('key', 'what is known', versionIn(error))).toEqual(expect.any(String))
    })

    test('what a newer release wrote is newer-schema for both verbs, and is left as it is', async () => {
      const store = storeIn('orders')
      const version = String(await store.save('key', 'before', undefined))
      for (const text of ['registrant 2 \nvalue', 'registrant 17\n', `registrant 2 ${crypto.randomUUID()}\nvalue`]) {
        const key = Buffer.from(text).toString('base64')
        api.touch('orders', (secret) => void (secret.data = { key }))
        for (const call of [() => store.load('key'), () => store.save('key', 'after', version)])
          expect(await failure(call())).toMatchObject({ name: 'StateError', code: 'newer-schema' })
        expect(api.secrets.get('orders')).toMatchObject({ data: { key } })
      }
    })

    test.for(['token', 'ca.crt', 'namespace'])(
      'a pod without the file %s is denied, and told which one',
      async (name) => {
        await rm(join(api.serviceAccount, name))
        const store = storeIn('orders', { namespace: undefined })
        for (const call of [() => store.load('key'), () => store.save('key', 'value', undefined)])
          expect(await failure(call())).toMatchObject({
            code: 'store-denied',
            message: expect.stringContaining(`${join(api.serviceAccount, name)} can not be read (ENOENT)`),
          })
      },
    )

    test.for([
      ['nothing', ''],
      ['several lines', 'one\ntwo'],
    ] as const)('a token file that holds %s is denied, and not shown', async ([, text]) => {
      await writeFile(join(api.serviceAccount, 'token'), text)
      const error = await failure(storeIn('orders').load('key'))
      expect(error).toMatchObject({ code: 'store-denied', message: expect.stringContaining('holds no token') })
      expect(inspect(error, { depth: 9 })).not.toContain('two')
    })

    test('a right, a namespace, a token or room that is missing is denied, and no message holds token or value', async () => {
      const store = storeIn('orders')
      const version = String(await store.save('key', 'before', undefined))
      const errors = [await failure(storeIn('orders', { namespace: 'nowhere' }).save('key', 'a secret', undefined))]
      for (let index = 0; index < 11; index++) await store.save(`full${index}`, 'x'.repeat(90_000), undefined)
      errors.push(await failure(store.save('full', 'a secret '.repeat(9000), undefined)))
      api.touch('orders', (secret) => void (secret.immutable = true))
      errors.push(await failure(store.save('key', 'a secret', version)))
      api.verbs.delete('update')
      errors.push(await failure(store.save('key', 'a secret', version)))
      for (const error of errors) {
        expect(error.code).toBe('store-denied')
        expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/a secret|Bearer/)
      }
      await rm(join(api.serviceAccount, 'token'))
      expect((await failure(store.load('key'))).code).toBe('store-denied')
    })

    test.for<[wrong: string, options: KubernetesStoreOptions]>([
      ['a name that no Secret can have', { name: 'Orders' }],
      ['an address without TLS', { server: 'http://127.0.0.1' }],
    ])('refuses %s', ([, options]) => {
      expect(() => kubernetesStore(options)).toThrow(InvalidRequestError)
    })
  })
})
