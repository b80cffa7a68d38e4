import type { StoreError } from '../errors.ts'
import type { RegistrationStore } from '../store.ts'
import type { StoreCase } from './case.ts'
import { ensureSame, ensureThat, failureOf, letPass, soon } from './case.ts'
import { mustSave } from './exchange-cases.ts'

/** A store whose connections were cut works again within this time, in milliseconds. */
const recovery = 20_000

/** Loads a key as soon as the store can load again. */
async function loadAgain(store: RegistrationStore, key: string): ReturnType<RegistrationStore['load']> {
  for (let waited = 0; ; waited += 100)
    try {
      return await soon(store.load(key), 'load', recovery)
    } catch (error) {
      if (waited >= recovery) throw error
      ensureCode(error, ['store-unavailable'])
      await letPass(100)
    }
}

const codeIn = (error: unknown): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined

function ensureCode(error: unknown, codes: readonly StoreError['code'][]): void {
  const code = codeIn(error)
  ensureThat(
    codes.some((it) => it === code),
    `a call that was cut off throws ${codes.join(' or ')}, not ${String(error)}`,
  )
}

export const faultCases: readonly StoreCase[] = [
  [
    'a load that begins after a save has ended sees it, at whichever instance',
    async ({ make, newKey }) => {
      const [first, second, key] = [await make(), await make(), newKey()]
      let version = await mustSave(first, key, 'start', undefined)
      // If the second instance has other data, it holds nothing under the key.
      const other = (await second.load(key)) === undefined ? first : second
      for (let round = 0; round < 30; round++) {
        const [writer, reader] = round % 2 === 0 ? [first, other] : [other, first]
        version = await mustSave(writer, key, `value ${round}`, version)
        ensureSame((await reader.load(key))?.value, `value ${round}`, 'what the other one loads')
      }
    },
  ],
  [
    'a save that is cut off, where that can be tried, is made or not, an error says which or that it is unknown, and the store goes on',
    async ({ make, newKey, disturbance: { cut } }) => {
      if (cut === undefined) return
      const [store, key] = [await make(), newKey()]
      await mustSave(store, key, 'start', undefined)
      // An engine may carry out a save that was cut off after the next load, which did not show it yet.
      const numberOf = (value = ''): number => (value === 'start' ? -1 : Number(/^value (\d+)$/.exec(value)?.[1]))
      for (let round = 0; round < 20; round++) {
        const before = await loadAgain(store, key)
        const saving = store.save(key, `value ${round}`, before?.version).catch((error: unknown) => Object(error))
        if (round % 2 === 0) await letPass(round / 4)
        await cut()
        const outcome: unknown = await soon(saving, 'a save that was cut off', recovery)
        ensureThat(outcome !== undefined, 'a save resolves to a version or false')
        if (typeof outcome === 'object') ensureCode(outcome, ['store-unavailable', 'store-unknown'])
        const after = await loadAgain(store, key)
        // `false` is no error: an engine's client that sends the save again by itself finds its own save there.
        if (typeof outcome === 'object' && codeIn(outcome) === 'store-unavailable')
          ensureThat(after?.value !== `value ${round}`, 'a save that failed as store-unavailable was made all the same')
        if (typeof outcome === 'string') ensureSame(after?.version, outcome, 'the version that was acknowledged')
        ensureThat(
          numberOf(after?.value) >= numberOf(before?.value) && numberOf(after?.value) <= round,
          `after a save that was cut off there is neither the old value nor a new one: ${after?.value}`,
        )
      }
    },
  ],
  [
    'a load that is cut off, where that can be tried, shows what is there or fails, and tells no absence',
    async ({ make, newKey, disturbance: { cut } }) => {
      if (cut === undefined) return
      const [store, key] = [await make(), newKey()]
      await mustSave(store, key, 'value', undefined)
      for (let round = 0; round < 20; round++) {
        await loadAgain(store, key)
        const loading = store.load(key).then(
          (found) => ({ value: found?.value }),
          (error: unknown) => ({ error }),
        )
        if (round % 2 === 0) await letPass(round / 4)
        await cut()
        const outcome = await soon(loading, 'a load that was cut off', recovery)
        if ('error' in outcome) ensureCode(outcome.error, ['store-unavailable'])
        else ensureSame(outcome.value, 'value', 'what a load that was cut off shows')
      }
    },
  ],
  [
    'changed, where connections can be cut, hears what was saved while there was none',
    async ({ make, newKey, disturbance: { cut } }) => {
      const [store, other, key] = [await make(), await make(), newKey()]
      if (cut === undefined || store.changed === undefined) return
      const version = await mustSave(store, key, 'before', undefined)
      const waiting = store.changed(key, version, AbortSignal.timeout(60_000))
      await letPass(200)
      await cut()
      const found = await loadAgain(other, key)
      await mustSave(found === undefined ? store : other, key, 'after', version)
      await soon(waiting, 'changed after a save', 2 * recovery)
      await store.close?.()
    },
  ],
  [
    'an acknowledgement that comes late, where that can be tried, brings nothing older back',
    async ({ make, newKey, disturbance: { delay } }) => {
      if (delay === undefined) return
      const [store, other, key] = [await make(), await make(), newKey()]
      await mustSave(store, key, 'start', undefined)
      await loadAgain(other, key)
      for (let round = 0; round < 5; round++) {
        const found = await loadAgain(store, key)
        await delay(100)
        const saving = store.save(key, `first ${round}`, found?.version)
        const late = other.save(key, `second ${round}`, found?.version)
        const versions = (await soon(Promise.all([saving, late]), 'saves whose answers are late')).filter(Boolean)
        await delay(0)
        ensureSame(versions.length, 1, 'successful saves')
        ensureSame((await store.load(key))?.version, versions[0], 'the version')
      }
    },
  ],
  [
    'a caller who left a late load, where that can be tried, gets an error, and no absence',
    async ({ make, newKey, disturbance: { delay } }) => {
      if (delay === undefined) return
      const [store, key] = [await make(), newKey()]
      await mustSave(store, key, 'value', undefined)
      await delay(200)
      await failureOf(soon(store.load(key, AbortSignal.timeout(20)), 'a load whose caller left'), 'it resolved')
      await delay(0)
      ensureSame((await loadAgain(store, key))?.value, 'value', 'the value')
    },
  ],
]
