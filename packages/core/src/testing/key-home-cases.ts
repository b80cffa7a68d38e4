import type { KeyHome, KeyPair } from '../store.ts'
import type { StoreCase } from './case.ts'
import { ensureSame, ensureThat, failureOf } from './case.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const message = new TextEncoder().encode('what is signed')

const newPair = (): Promise<KeyPair> => crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])

/** Whether what one signs the other verifies. */
async function fits(signing: KeyPair | undefined, verifying: KeyPair): Promise<boolean> {
  ensureThat(signing !== undefined, 'the key pair that was saved is absent')
  const signature = await crypto.subtle.sign(algorithm, signing.privateKey, message)
  return crypto.subtle.verify(algorithm, verifying.publicKey, signature, message)
}

/** A case for stores that have a home for keys; the second instance is the first where there is no other over its data. */
const whereKeys = (name: string, run: (keys: KeyHome, again: KeyHome, id: string) => Promise<void>): StoreCase => [
  `keys, where the store has a home for them, ${name}`,
  async ({ make, newKey }) => {
    const [first, second, probe] = [await make(), await make(), newKey()]
    if (first.keys === undefined || second.keys === undefined) return
    await first.save(probe, 'probe', undefined)
    const shared = (await second.load(probe)) !== undefined
    await run(first.keys, shared ? second.keys : first.keys, newKey())
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
