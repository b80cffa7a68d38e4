import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'

import { encryptedStore } from '@registrant/core/encrypted-store'
import type { EncryptionKey } from '@registrant/core/encrypted-store'
import { fileStore, InvalidRequestError, memoryStore, StoreError } from '@registrant/node'
import type { RegistrationError, RegistrationStore } from '@registrant/node'
import { storeConformance } from '@registrant/node/testing'
import { startScriptedServer } from '@registrant/test/servers'
import { compactDecrypt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { beginSealing } from '../docs/examples/sealing/store.ts'
import { OpenStore, start } from './manager/managed.ts'
import { failure, versionIn } from './support/failure.ts'
import { temporaryDirectory } from './support/folders.ts'

const one = { kid: 'one', key: randomBytes(32) }
const two = { kid: 'two', key: randomBytes(32) }

const sealedBy = (inner: RegistrationStore, ...keys: EncryptionKey[]): RegistrationStore =>
  encryptedStore(inner, { keys })

/** What is stored under `key`, as the inner store has it. */
async function sealed(inner: RegistrationStore): Promise<string> {
  return (await inner.load('key'))?.value ?? ''
}

/** A store that holds this text under `key`. */
async function holding(text: string): Promise<RegistrationStore> {
  const inner = memoryStore()
  await inner.save('key', text, undefined)
  return inner
}

/** The code of a load that fails; what it names to save over can be saved over. */
async function refused(store: RegistrationStore): Promise<RegistrationError['code']> {
  const error = await failure(store.load('key'))
  expect(await store.save('key', 'what is known', versionIn(error))).toBeTypeOf('string')
  expect((await store.load('key'))?.value).toBe('what is known')
  return error.code
}

describe('encryptedStore', () => {
  describe('over files', () => {
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>
    beforeAll(async () => {
      directory = await temporaryDirectory()
    })
    afterAll(() => directory[Symbol.asyncDispose]())
    for (const { name, run } of storeConformance(() => sealedBy(fileStore(directory.path), one))) test(name, run)
  })

  test('a sealed record that no key was given for is denied, and the client stays the one in use', async () => {
    await using server = await startScriptedServer()
    const inner = memoryStore()
    const { client_id } = await start(server, sealedBy(inner, one)).manager.ensure()
    const error = await failure(start(server, inner).manager.ensure())
    expect(error).toMatchObject({ code: 'store-denied', version: expect.any(String) })
    expect(error.message).toContain('It is sealed: give encryptedStore() its key.')
    expect(await start(server, sealedBy(inner, one)).manager.ensure()).toMatchObject({ client_id })
    expect(server.clients()).toBe(1)
    await start(server, inner).manager.recover({ client_id })
    expect((await start(server, inner).manager.status()).client_id).toBe(client_id)
  })

  test('seals with A256GCM by the key itself, as anybody can open who has it', async () => {
    const inner = memoryStore()
    await sealedBy(inner, one).save('key', 'the record', undefined)
    const jwe = await sealed(inner)
    expect(decodeProtectedHeader(jwe)).toMatchObject({ alg: 'dir', enc: 'A256GCM', kid: 'one', sub: 'key' })
    const { plaintext } = await compactDecrypt(jwe, one.key)
    expect(new TextDecoder().decode(plaintext)).toBe('the record')
    await sealedBy(inner, one).save('other', 'the record', undefined)
    expect((await inner.load('other'))?.value.split('.')[2]).not.toBe(jwe.split('.')[2])
  })

  test('takes keys that can’t be extracted, and keeps bytes as they were given', async () => {
    const [inner, bytes] = [memoryStore(), Uint8Array.from(two.key)]
    const imported = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
    const store = sealedBy(inner, { kid: 'two', key: bytes })
    bytes.fill(0)
    await store.save('key', 'the record', undefined)
    expect((await sealedBy(inner, { kid: 'two', key: imported }).load('key'))?.value).toBe('the record')
  })

  test('rotates: the first key seals, each opens', async () => {
    const inner = memoryStore()
    await sealedBy(inner, one).save('key', 'the record', undefined)
    expect((await sealedBy(inner, one, two).load('key'))?.value).toBe('the record')
    const rotated = sealedBy(inner, two, one)
    const found = await rotated.load('key')
    expect(found?.value).toBe('the record')
    await rotated.save('key', 'the next', found?.version)
    expect((await sealedBy(inner, two).load('key'))?.value).toBe('the next')
  })

  test('a record that another key sealed is denied, whatever that key was called', async () => {
    const inner = memoryStore()
    await sealedBy(inner, one).save('key', 'the record', undefined)
    const text = await sealed(inner)
    expect(await refused(sealedBy(await holding(text), two))).toBe('store-denied')
    expect(await refused(sealedBy(await holding(text), { kid: 'one', key: two.key }))).toBe('store-denied')
    const error = await failure(sealedBy(inner, two).load('key'))
    expect(error.message).toContain('by "one", which is not among the keys that were given ("two"). Add it')
    const renamed = await failure(sealedBy(inner, { kid: 'one', key: two.key }).load('key'))
    expect(renamed.message).toContain(
      'by another key of the name "one" than the one that was given. Give it back its name',
    )
  })

  test('a record that was put in the place of another is denied', async () => {
    const inner = memoryStore()
    await sealedBy(inner, one).save('other', 'the record', undefined)
    const copy = await holding((await inner.load('other'))?.value ?? '')
    expect(await refused(sealedBy(copy, one))).toBe('store-denied')
  })

  test('a record of which any letter is another one, or that was cut short, is corrupt', async () => {
    const inner = memoryStore()
    await sealedBy(inner, one).save('key', 'the record', undefined)
    const text = await sealed(inner)
    for (let index = 0; index < text.length; index++) {
      const changed = text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1)
      for (const damaged of [changed, text.slice(0, index)])
        expect((await failure(sealedBy(await holding(damaged), one).load('key'))).code, damaged).toBe('store-corrupt')
    }
    const end = text.endsWith('AA') ? 'BA' : 'AA'
    expect(await refused(sealedBy(await holding(`${text.slice(0, -2)}${end}`), one))).toBe('store-corrupt')
  })

  test('a record that is not sealed is corrupt', async () => {
    expect(await refused(sealedBy(await holding('{"state":"registered"}'), one))).toBe('store-corrupt')
  })

  test('hands hints, risks and the home of keys on', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
    const inner: Required<RegistrationStore> = {
      ...memoryStore(),
      exclusive: (_, task) => task(),
      changed: () => Promise.resolve(),
      risks: () => Promise.resolve([{ rule: 'saves-not-flushed', message: 'They may be lost' }]),
      close: () => Promise.resolve(),
      keys: { load: () => Promise.resolve(pair), save: () => Promise.resolve() },
    }
    const store = sealedBy(inner, one)
    expect(await store.exclusive?.('key', () => Promise.resolve(42))).toBe(42)
    await store.changed?.('key', 'version', AbortSignal.timeout(1000))
    expect(await store.risks?.()).toEqual(await inner.risks())
    await store.close?.()
    expect(await store.keys?.load('name')).toBe(pair)
    expect(Object.keys(sealedBy(memoryStore(), one)).toSorted()).toEqual(['load', 'save'])
  })

  test.for<[wrong: string, keys: EncryptionKey[], said: string]>([
    ['no key', [], 'at least one'],
    ['two of one name', [one, { ...two, kid: 'one' }], 'same kid'],
    ['a name that is empty', [{ ...one, kid: '' }], 'not empty'],
    ['a key of 16 bytes', [{ kid: 'one', key: randomBytes(16) }], 'at 0 is neither 32 bytes'],
  ])('refuses %s', ([, keys, said]) => {
    expect(() => sealedBy(memoryStore(), ...keys)).toThrow(InvalidRequestError)
    expect(() => sealedBy(memoryStore(), ...keys)).toThrow(said)
  })

  test('refuses numbers that are no bytes: of 32 of them hardly anything would be the key', () => {
    for (const key of [
      Float64Array.from({ length: 32 }, Math.random),
      new Uint16Array(32),
      new DataView(new ArrayBuffer(32)),
    ])
      expect(() => Reflect.apply(sealedBy, undefined, [memoryStore(), { kid: 'one', key }])).toThrow(
        'at 0 is neither 32 bytes',
      )
  })

  test('refuses a key that does not decrypt what it sealed, wherever it stands', async () => {
    const algorithm = { name: 'AES-GCM', length: 256 }
    const sealing = { kid: 'sealing', key: await crypto.subtle.generateKey(algorithm, false, ['encrypt']) }
    expect(() => sealedBy(memoryStore(), sealing)).toThrow('must be one that decrypts')
    expect(() => sealedBy(memoryStore(), one, sealing)).toThrow('must be one that decrypts')
    const opening = { kid: 'opening', key: await crypto.subtle.generateKey(algorithm, false, ['decrypt']) }
    expect(() => sealedBy(memoryStore(), one, opening)).not.toThrow()
    expect(() => sealedBy(memoryStore(), opening)).toThrow('must be one that encrypts')
  })

  test('is begun over a plain record by the store that the page on stores shows, and nothing of the record is lost', async () => {
    await using server = await startScriptedServer()
    const inner = memoryStore()
    const plain = start(server, inner).manager
    const orphan = (await plain.ensure()).client_id
    await plain.forget()
    const { client_id, client_secret } = await plain.ensure()
    expect(await failure(start(server, sealedBy(inner, one)).manager.ensure())).toMatchObject({ code: 'store-corrupt' })
    const { manager } = start(server, beginSealing(inner, [one]))
    await manager.recover(await manager.ensure())
    const { manager: next } = start(server, sealedBy(inner, one))
    expect(await next.ensure()).toMatchObject({ client_id, client_secret })
    expect(await next.status()).toMatchObject({ manageable: true, orphans: [{ client_id: orphan }] })
    expect(server.requestsTo('register')).toHaveLength(2)
  })

  test('keeps a manager’s registration, of which the inner store shows nothing, and recovers what can’t be opened', async () => {
    await using server = await startScriptedServer()
    const inner = new OpenStore()
    let stored = ''
    inner.afterSave = (value) => void (stored = value)
    const { client_id, client_secret = 'none' } = await start(server, sealedBy(inner, one)).manager.ensure()
    expect((await start(server, sealedBy(inner, two, one)).manager.ensure()).client_id).toBe(client_id)
    for (const text of [client_id, client_secret, 'registration_access_token']) expect(stored).not.toContain(text)
    const { manager } = start(server, sealedBy(inner, two))
    const error = await failure(manager.ensure())
    expect(error).toBeInstanceOf(StoreError)
    expect(error.code).toBe('store-denied')
    expect(inspect(error)).not.toContain(one.key.toString('hex'))
    await manager.recover({ client_id, client_secret })
    expect((await manager.ensure()).client_id).toBe(client_id)
  })
})
