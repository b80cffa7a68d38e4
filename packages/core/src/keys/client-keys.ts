import { base64url } from '../model/values.ts'
import type { Jwk } from '../model/jwk.ts'
import { platform } from '../platform.ts'
import { TransportError } from '../errors.ts'
import { NotSupportedError } from '../server-errors.ts'
import type { KeyPair, WebCryptoKey } from '../store.ts'

/** The key pair of a client, and its public half as it is published. */
export interface ClientKeys extends KeyPair {
  /** The signature algorithm that the keys are for. */
  readonly alg: string
  /** The name of the key: its thumbprint (RFC 7638), so the same key has the same name everywhere. */
  readonly kid: string
  /** The public key for the server: `jwks: { keys: [keys.publicJwk] }`. It holds no secret. */
  readonly publicJwk: Jwk
}

/** How keys are made. */
export interface ClientKeysOptions {
  /** The signature algorithm: `ES256`, `ES384`, `ES512`, `EdDSA`, `PS256`, `RS256` … Default: `ES256`. */
  alg?: string | undefined
  /** Whether the private key can be exported, for programs that have to store it. Default: false. */
  extractable?: boolean | undefined
}

/**
 * Makes a key pair for a client that authenticates without a shared secret, or that binds its tokens to a key.
 *
 * By default the private key can be used and not exported: it can be kept in IndexedDB, and elsewhere lasts as long as
 * the process. Publish `publicJwk`, and sign with `privateKeyJwt({ key: keys })` or `dpop({ keys })`.
 *
 * @example
 * ```ts
 * import { generateClientKeys } from '@registrant/core/keys'
 *
 * const { publicJwk } = await generateClientKeys({ alg: 'ES256' })
 * const metadata = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk] } }
 * ```
 * @throws {NotSupportedError} `unsupported` when the platform does not know the algorithm, or no key pair signs by it
 * @throws {TransportError} `not-sent` when the code that makes keys can't be loaded
 * @see [RFC 7638 section 3](https://www.rfc-editor.org/rfc/rfc7638#section-3)
 */
export async function generateClientKeys(options?: ClientKeysOptions): Promise<ClientKeys> {
  const { alg = 'ES256', extractable = false }: ClientKeysOptions = Object(options)
  const unsupported = (cause?: unknown): NotSupportedError =>
    new NotSupportedError('unsupported', `This platform can't make keys that sign by ${alg}.`, {
      cause: cause instanceof Error ? new Error(cause.message) : undefined,
    })
  if (!isSignature(alg)) throw unsupported()
  const pair = await platform.generateKeyPair(alg, extractable).catch((cause: unknown) => {
    throw cause instanceof TransportError ? cause : unsupported(cause)
  })
  return published(pair, alg)
}

/** Whether an algorithm signs with the private half of a key pair. */
export const isSignature = (alg: string): boolean => /^(?:[EPR]S[\dBP]|Ed|ML-DSA-)/.test(alg)

/** Names a key pair and publishes its public half. */
async function published(pair: KeyPair, alg: string): Promise<ClientKeys> {
  const { privateKey, publicKey } = pair
  const jwk = await exportJwk(publicKey)
  const kid = await thumbprint(jwk)
  return { privateKey, publicKey, alg, kid, publicJwk: { ...jwk, kid, use: 'sig', alg } }
}

/** The members that the thumbprint of a key is made of, by its type and in the order of the hash (RFC 7638 section 3.2). */
const essential: Readonly<Record<string, string>> = {
  EC: 'crv kty x y',
  OKP: 'crv kty x',
  RSA: 'e kty n',
  AKP: 'alg kty pub',
}

/** A key as a JWK, as the platform exports it, without the members about its use; `alg` stays only for `AKP`. */
export async function exportJwk(key: WebCryptoKey): Promise<{ kty: string; [member: string]: unknown }> {
  const { kty = '', alg, ext: _, key_ops: __, ...members } = await platform.exportKey(key)
  return { ...members, kty, ...(kty === 'AKP' && { alg }) }
}

/** The name of a key that is the same everywhere: its thumbprint (RFC 7638) with SHA-256. */
async function thumbprint(jwk: { kty: string; [member: string]: unknown }): Promise<string> {
  const members = essential[jwk.kty]?.split(' ').map((member) => [member, jwk[member]]) ?? []
  return base64url(await platform.sha256(JSON.stringify(Object.fromEntries(members))))
}
