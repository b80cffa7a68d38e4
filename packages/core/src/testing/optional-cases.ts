import type { StoreCase } from './case.ts'
import { mustSave, twoInstances } from './exchange-cases.ts'
import { ensureSame, ensureThat, failureOf, soon } from './case.ts'
import type { KeyHome, KeyPair } from '../store.ts'

export const engineCases: readonly StoreCase[] = [
  [
    'risks, where the store has them, are rules in kebab-case with a message, and the same when asked again',
    async ({ make }) => {
      const store = await make()
      if (store.risks === undefined) return
      const risks = await soon(store.risks(AbortSignal.timeout(20_000)), 'risks')
      for (const { rule, message } of risks) {
        ensureThat(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(rule), `${rule} is no rule in kebab-case`)
        ensureThat(message.length > 0, `${rule} has no message`)
      }
      ensureSame(await store.risks(), risks, 'what is asked again')
    },
  ],
  [
    'close, where the store has it, may be called twice, and the store may be used again',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      if (store.close === undefined) return
      const version = await mustSave(store, key, 'before', undefined)
      for (let times = 0; times < 2; times++) await soon(store.close(), 'close')
      ensureSame((await store.load(key))?.value, 'before', 'the value')
      await mustSave(store, key, 'after', version)
      await store.close()
    },
  ],
  [
    'close, where the store has it, leaves no wait for a change open',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      if (store.close === undefined || store.changed === undefined) return
      const version = await mustSave(store, key, 'before', undefined)
      const waiting = store.changed(key, version, AbortSignal.timeout(20_000)).catch(() => undefined)
      await store.close()
      await soon(waiting, 'changed after the store was closed')
    },
  ],
]

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const message = new TextEncoder().encode('what is signed')

const newPair = (): Promise<KeyPair> => crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])

/** Whether one key pair verifies what the other signs. */
async function fits(signing: KeyPair | undefined, verifying: KeyPair): Promise<boolean> {
  ensureThat(signing !== undefined, 'the key pair that was saved is absent')
  const signature = await crypto.subtle.sign(algorithm, signing.privateKey, message)
  return crypto.subtle.verify(algorithm, verifying.publicKey, signature, message)
}

/** A case for stores that have a home for keys. `again` is that of a second instance over the same data, or the first. */
const whereKeys = (name: string, run: (keys: KeyHome, again: KeyHome, id: string) => Promise<void>): StoreCase => [
  `keys, where the store has a home for them, ${name}`,
  async (bench) => {
    const [first, second] = await twoInstances(bench)
    if (first.keys && second.keys) await run(first.keys, second.keys, bench.newKey())
  },
]

export const keyHomeCases: readonly StoreCase[] = [
  whereKeys('are absent before they are saved', async (keys, _, id) => {
    ensureSame(await keys.load(id), undefined, 'load')
  }),
  whereKeys('sign after they were saved, and still can’t be extracted', async (keys, again, id) => {
    const pair = await newPair()
    await keys.save(id, pair)
    const found = await again.load(id)
    ensureThat(await fits(found, pair), 'the key that came back is another one')
    ensureSame(found?.privateKey.extractable, false, 'extractable')
  }),
  whereKeys('are written once', async (keys, again, id) => {
    const [first, second] = [await newPair(), await newPair()]
    await keys.save(id, first)
    await failureOf(again.save(id, second), 'a second key pair was saved under the same name')
    ensureThat(await fits(await keys.load(id), first), 'the first key pair was replaced')
  }),
]
