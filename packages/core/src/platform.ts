import { NotSupportedError } from './server-errors.ts'
import type * as Jose from './keys/jose.ts'
import { loadJose } from './keys/load.ts'
import type { KeyPair, WebCryptoKey } from './store.ts'

/**
 * Time, randomness and cryptography. Client, manager and keys take them from here and from nowhere else, so that a
 * simulation can run them by clocks and dice of its own.
 */
export interface Platform {
  /** The wall clock: milliseconds since the epoch. It may be wrong, and may be set while the process runs. */
  now(): number
  /** Milliseconds since some moment, on a clock that nobody sets. */
  monotonic(): number
  /** Runs a task once, after so many milliseconds; the function that it returns cancels the task. */
  after(ms: number, task: () => void): () => void
  /** A signal that aborts after so many milliseconds, with a `TimeoutError`; it keeps no process alive. */
  timeout(ms: number): AbortSignal
  /** A number from 0 up to 1. */
  random(): number
  /** An identifier that nobody can guess: a UUID. */
  randomId(): string
  /** The SHA-256 digest of a text in UTF-8. */
  sha256(text: string): Promise<Uint8Array>
  /** Makes a key pair for a signature algorithm. */
  generateKeyPair(alg: string, extractable: boolean): Promise<KeyPair>
  /** A key as a JWK, with all that the platform says of it. */
  exportKey(key: WebCryptoKey): Promise<JsonWebKey>
  /** Signs a text in UTF-8: a compact JWS (RFC 7515 section 7.1). */
  sign: typeof Jose.compactJws
}

/** The Web Cryptography API, which a page has only in a secure context. */
function requireCrypto(): SubtleCrypto {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle
  if (subtle === undefined)
    throw new NotSupportedError(
      'unsupported',
      'There is no Web Crypto here: this page is no secure context. Load it by https, or from localhost. Nothing was sent.',
    )
  return subtle
}

/** The platform in use: that of the runtime, unless a simulation has replaced it. */
export let platform: Platform = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
  // Node takes only whole milliseconds.
  timeout: (ms) => AbortSignal.timeout(Math.ceil(ms)),
  random: () => Math.random(),
  randomId: () => crypto.randomUUID(),
  sha256: async (text) => new Uint8Array(await requireCrypto().digest('SHA-256', new TextEncoder().encode(text))),
  generateKeyPair: async (alg, extractable) => (await loadJose()).generateKeyPair(alg, { extractable }),
  exportKey: async (key) => crypto.subtle.exportKey('jwk', key),
  sign: async (...signed) => (await loadJose()).compactJws(...signed),
}

/** For simulations alone: everything runs by another platform from now on, also what was created before. */
export function replacePlatform(other: Platform): void {
  platform = other
}
