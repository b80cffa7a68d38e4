import { refuseOptions } from '../client/options.ts'
import type { ClientMetadata } from '../model/client-metadata.ts'
import { holdsSecret } from '../model/jwk.ts'
import type { Given } from '../model/values.ts'
import { platform } from '../platform.ts'
import { sign, toSigner } from './sign.ts'
import type { SigningOptions } from './sign.ts'

/** The claims of a software statement (RFC 7591 section 2.3): metadata of the software, the same for all its instances. */
export interface SoftwareStatementClaims extends Given<ClientMetadata> {
  /** Who vouches for the software; a server finds by this the key to check the signature with. */
  iss: string
  /** When the statement was signed, in seconds since the epoch. Default: now. */
  iat?: number | undefined
  /** When the statement expires, in seconds since the epoch. Default: never. */
  exp?: number | undefined
  [claim: string]: unknown
}

/**
 * Signs a software statement, to be sent as `software_statement` (RFC 7591 sections 2.3 and 3.1.1).
 *
 * The publisher of the software signs, once per release and not in each instance: a key that is shipped with the software
 * vouches for nothing. The claims of a statement outweigh the members beside it in the request. The registration of a server
 * that returns another statement than was sent is refused.
 *
 * @example
 * ```ts
 * import { generateClientKeys, signSoftwareStatement } from '@registrant/core/keys'
 *
 * const key = await generateClientKeys()
 * const software_statement = await signSoftwareStatement({ iss: 'https://publisher.example', software_id: 'orders' }, { key })
 * ```
 * @throws {InvalidRequestError} the key is not private, the algorithm is `none` or symmetric, `iss` is missing, or the
 *   claims' own `jwks` holds a private key
 * @see [RFC 7591 section 2.3](https://www.rfc-editor.org/rfc/rfc7591#section-2.3)
 */
export async function signSoftwareStatement(claims: SoftwareStatementClaims, options: SigningOptions): Promise<string> {
  const signer = toSigner(options)
  const { iat = Math.floor(platform.now() / 1000), ...others }: Partial<SoftwareStatementClaims> = Object(claims)
  const { iss, jwks } = others
  const keys: unknown = jwks?.keys ?? []
  const arePublic = Array.isArray(keys) && !keys.some((key: unknown) => holdsSecret(Object(key)))
  refuseOptions([
    ...(iss ? [] : [['iss', 'A software statement must name who vouches for it'] as const]),
    ...(arePublic
      ? []
      : [['jwks', 'A private or symmetric key must not be told: give public keys, in a list'] as const]),
  ])
  return sign({ iat, ...others }, signer)
}
