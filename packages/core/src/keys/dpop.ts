import type { Dpop } from '../client/options.ts'
import { refuseOptions } from '../client/options.ts'
import { base64url } from '../model/values.ts'
import { platform } from '../platform.ts'
import type { KeyPair } from '../store.ts'
import type { ClientKeys } from './client-keys.ts'
import { exportJwk } from './client-keys.ts'
import { isCryptoKey, sign, toSigner } from './sign.ts'

/** The key that tokens are bound to. */
export interface DpopOptions {
  /** The key pair. Keep it as long as tokens that are bound to it are in use. */
  keys: KeyPair | ClientKeys
}

/** Seconds for which a proof is valid. */
const proofLifetime = 120

/**
 * Makes proofs of possession (RFC 9449 section 4.2) for the option `dpop`. Each proof is for one method, one address without
 * its query, and one access token, where one is sent; it is never the same twice.
 *
 * A proof also says when it ends (`exp`, 120 seconds ahead): the RFC allows it, SimpleIdServer demands it.
 *
 * @example
 * ```ts
 * import { RegistrationClient } from '@registrant/core'
 * import { dpop, generateClientKeys } from '@registrant/core/keys'
 *
 * const keys = await generateClientKeys()
 * const client = new RegistrationClient({ issuer: 'https://as.example', dpop: dpop({ keys }) })
 * ```
 * @throws {InvalidRequestError} at once, when `keys` is no pair of keys for signing
 * @see [RFC 9449 section 4.2](https://www.rfc-editor.org/rfc/rfc9449#section-4.2)
 */
export function dpop(options: DpopOptions): Dpop {
  const given: Partial<KeyPair> = Object(Object(options).keys)
  if (!isCryptoKey(given.privateKey) || !isCryptoKey(given.publicKey))
    refuseOptions([['keys', 'Give what generateClientKeys() made']])
  const { keys } = options
  const { alg } = toSigner({ key: keys.privateKey, alg: 'alg' in keys ? keys.alg : undefined })
  let published: Promise<object> | undefined
  return async ({ method, url, accessToken, nonce }) => {
    published ??= exportJwk(keys.publicKey)
    const { origin, pathname } = new URL(url)
    const iat = Math.floor(platform.now() / 1000)
    const claims = {
      jti: platform.randomId(),
      htm: method,
      htu: origin + pathname,
      iat,
      exp: iat + proofLifetime,
      nonce,
    }
    const ath = accessToken === undefined ? undefined : base64url(await platform.sha256(accessToken))
    return sign({ ...claims, ath }, { key: keys.privateKey, alg }, { typ: 'dpop+jwt', jwk: await published })
  }
}
