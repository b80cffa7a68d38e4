import { NotSupportedError } from '../server-errors.ts'
import type { Jwk } from '../model/jwk.ts'
import { platform } from '../platform.ts'
import type { KeyPair } from '../store.ts'
import { jwkOf, thumbprintOf } from './jwk-of.ts'
import { joseMaking } from './load.ts'

/** The key pair of a client, and its public half as it is published. */
export interface ClientKeys extends KeyPair {
  /** The signature algorithm that the keys are for. */
  readonly alg: string
  /** Names the key: its thumbprint (RFC 7638), so the same key has the same name everywhere. */
  readonly kid: string
  /** What the server gets to know: `jwks: { keys: [keys.publicJwk] }`. Holds no secret. */
  readonly publicJwk: Jwk
}

/** How keys are made. */
export interface ClientKeysOptions {
  /** The signature algorithm: `ES256`, `ES384`, `ES512`, `EdDSA`, `PS256`, `RS256` … Default: `ES256`. */
  alg?: string | undefined
  /** The private key can be exported, for whoever has to write it down. Default: false. */
  extractable?: boolean | undefined
}

/**
 * Makes a key pair for a client that authenticates without a shared secret, or that binds its tokens to a key.
 *
 * By default the private key can't be exported, only used: it can be kept in IndexedDB, and lasts as long as the
 * process elsewhere. Publish `publicJwk`, and sign with `privateKeyJwt({ key: keys })` or `dpop({ keys })`.
 *
 * @throws {NotSupportedError} `unsupported` when the platform does not know the algorithm
 * @throws {TransportError} `not-sent` when the code for another algorithm than `ES256` can't be loaded
 */
export async function generateClientKeys({
  alg = 'ES256',
  extractable = false,
}: ClientKeysOptions = {}): Promise<ClientKeys> {
  return clientKeysOf(await pairOf(alg, extractable), alg)
}

/** A pair of the default kind is made by the platform alone, so that a page that registers with it need not load more. */
async function pairOf(alg: string, extractable: boolean): Promise<KeyPair> {
  if (alg === 'ES256') {
    return platform.generateKeyPair(extractable)
  }
  const { generateKeyPair } = await joseMaking()
  return generateKeyPair(alg, { extractable }).catch((cause: unknown) => {
    throw new NotSupportedError('unsupported', `This platform can't make keys for the algorithm ${alg}.`, {
      cause: cause instanceof Error ? new Error(cause.message) : undefined,
    })
  })
}

/** Names a key pair and publishes its public half. */
async function clientKeysOf(pair: KeyPair, alg: string): Promise<ClientKeys> {
  const { privateKey, publicKey } = pair
  const jwk = await jwkOf(publicKey)
  const kid = await thumbprintOf(jwk)
  return { privateKey, publicKey, alg, kid, publicJwk: { ...jwk, kid, use: 'sig', alg } }
}
