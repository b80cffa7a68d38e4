import { createECDH, createHash } from 'node:crypto'

import type { Platform } from '../../packages/core/src/platform.ts'
import type { KeyPair, WebCryptoKey } from '../../packages/core/src/store.ts'
import type { Dice } from './dice.ts'
import type { SimulatedProcess } from './process.ts'
import type { Scheduler } from './scheduler.ts'
import { controller, timedOut } from './web.ts'

/** Time and chance as the processes of a simulation have them: the process that runs now is asked. */
export function simulatedPlatform(scheduler: Scheduler, dice: Dice, onLate: () => void = () => undefined): Platform {
  const current = (): SimulatedProcess => {
    if (scheduler.current === undefined) throw new Error('Code of a process ran while none did')
    return scheduler.current
  }
  const after = (ms: number, task: () => void): (() => void) => {
    const process = current()
    const late = process.lateness > 0 ? dice.next() * process.lateness : 0
    if (late > 0) onLate()
    const planned = scheduler.plan(scheduler.time + ms / (1 + process.drift) + late, process, task, true)
    return () => {
      planned.cancelled = true
    }
  }
  return {
    now: () => current().look(),
    monotonic: () => current().monotonic,
    after,
    timeout(ms) {
      const over = controller()
      after(ms, () => over.abort(timedOut))
      return over.signal
    },
    random: () => dice.next(),
    randomId: () => uuid(dice.hex(32)),
    sha256: async (text) => sha256(text),
    generateKeyPair: async (_, extractable) => keyPair(dice.hex(16), extractable),
    exportKey: async (key) => jwkOf(key),
    async sign(text, header, key) {
      const [protectedHeader, payload] = [JSON.stringify(header), text].map((it) =>
        Buffer.from(it).toString('base64url'),
      )
      const signed = createHash('sha256').update(`${nameOf(key)} ${payload}`)
      return `${protectedHeader}.${payload}.${signed.digest('base64url')}`
    },
  }
}

const digests = new Map<string, Uint8Array>()

/** Digests are remembered, since the same texts come in each world. */
function sha256(text: string): Uint8Array {
  const before = digests.get(text)
  if (before !== undefined) return before
  if (digests.size > 5000) digests.clear()
  const digest = new Uint8Array(createHash('sha256').update(text).digest())
  digests.set(text, digest)
  return digest
}

const uuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`

interface ToyKey extends WebCryptoKey {
  readonly toy: string
}

/** Keys that prove nothing to anybody but the server of this world. */
function keyPair(toy: string, extractable: boolean): KeyPair {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = (type: 'private' | 'public'): ToyKey => ({
    toy,
    type,
    extractable: extractable || type === 'public',
    algorithm,
    usages: [type === 'private' ? 'sign' : 'verify'],
  })
  return { privateKey: key('private'), publicKey: key('public') }
}

/** The name of a key, or of the private half as it is written down. */
function nameOf(key: object): string {
  if ('toy' in key && typeof key.toy === 'string') return key.toy
  return 'd' in key && typeof key.d === 'string' ? key.d.replace('private-', '') : ''
}

function jwkOf(key: WebCryptoKey): JsonWebKey {
  const point = createECDH('prime256v1')
  point.setPrivateKey(createHash('sha256').update(nameOf(key)).digest())
  const numbers = point.getPublicKey().subarray(1)
  const x = numbers.subarray(0, 32).toString('base64url')
  const y = numbers.subarray(32).toString('base64url')
  const published = { kty: 'EC', crv: 'P-256', x, y }
  return key.type === 'private' ? { ...published, d: `private-${nameOf(key)}` } : published
}
