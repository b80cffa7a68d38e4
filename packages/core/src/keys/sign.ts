import { refuseOptions } from '../client/options.ts'
import { RegistrationError } from '../errors.ts'
import type { Jwk } from '../model/jwk.ts'
import { platform } from '../platform.ts'
import type { WebCryptoKey } from '../store.ts'
import type { ClientKeys } from './client-keys.ts'
import { isSignature } from './client-keys.ts'
import type { JWK } from './load.ts'

/** A key that was checked, with the algorithm and key name for the header of a signature. */
export interface Signer {
  key: WebCryptoKey | Jwk | Uint8Array
  alg: string
  kid?: string | undefined
}

/** Signs claims as a JWT (RFC 7519). */
export async function sign(claims: object, { key, alg, kid }: Signer, header: object = {}): Promise<string> {
  const named = { alg, ...(kid === undefined ? {} : { kid }), ...header }
  try {
    return await platform.sign(JSON.stringify(claims), named, isJwk(key) ? copyOf(key) : key)
  } catch (cause) {
    if (cause instanceof RegistrationError) throw cause
    return refuseOptions([['key', `Nothing can be signed with it by ${alg}; cause says why`]], cause)
  }
}

/** A copy of the caller's JWK, since jose freezes a JWK that it signs with. */
function copyOf(jwk: Jwk): JWK {
  return JSON.parse(JSON.stringify(jwk))
}

/** A key that signs: the result of `generateClientKeys`, a private `CryptoKey`, or a private JWK. */
export type SigningKey = ClientKeys | WebCryptoKey | Jwk

/** A signing key and how it is named. */
export interface SigningOptions {
  /** The private key. `importPKCS8` of jose makes one of a PEM file. */
  key: SigningKey
  /** The signature algorithm. Default: the key's own; `RS256` for an RSA key that does not name one. */
  alg?: string | undefined
  /** The `kid` under which the server finds the public key. Default: the key's own, if it has one. */
  kid?: string | undefined
}

/**
 * Checks a key before it is used: it must be the private half of an asymmetric pair, and the algorithm must fit it.
 *
 * @throws {InvalidRequestError} it is no key, or a public or symmetric one, or the algorithm does not sign with this key pair
 */
export function toSigner(options: SigningOptions): Signer {
  const given: unknown = Object(options).key
  if (!isAnyKey(given) && !isAnyKey(Object(given).privateKey))
    refuseOptions([['key', 'Give a CryptoKey, a JWK, or what generateClientKeys() made']])
  const { key, alg = algorithmOf(key) ?? '', kid = nameOf(key) } = options
  const half = privateHalf(key)
  const wrong: [member: string, message: string][] = []
  if (!isPrivate(half))
    wrong.push(['key', 'It must be the private half of an asymmetric key pair, as a CryptoKey or a JWK'])
  if (!isSignature(alg) || !isFor(half, alg))
    wrong.push(['alg', 'It must be the asymmetric signature algorithm that the key is for, such as ES256'])
  refuseOptions(wrong)
  return { key: half, alg, kid }
}

/** Whether a value is a key of Web Crypto, of whatever realm; a `KeyObject` of Node is none. */
export const isCryptoKey = (value: unknown): boolean =>
  typeof Object(value).type === 'string' && typeof Object(Object(value).algorithm).name === 'string'

const isAnyKey = (value: unknown): boolean => typeof Object(value).kty === 'string' || isCryptoKey(value)

function privateHalf(key: SigningKey): WebCryptoKey | Jwk {
  return !isJwk(key) && 'privateKey' in key ? key.privateKey : key
}

const nameOf = (key: SigningKey): string | undefined => ('kid' in key ? key.kid : undefined)

/** Whether a key may sign by an algorithm: an RSA JWK that names none may sign by any of its family. */
function isFor(key: SigningKey, alg: string): boolean {
  const own = algorithmOf(key)
  const edwards = ['EdDSA', 'Ed25519']
  if (own === alg || (edwards.includes(alg) && edwards.includes(own ?? ''))) return true
  return isRsaJwk(key) && /^[RP]S\d/.test(alg)
}

function isPrivate(key: WebCryptoKey | Jwk): boolean {
  if (isJwk(key)) return key.kty !== 'oct' && (typeof key['d'] === 'string' || typeof key['priv'] === 'string')
  return key.type === 'private'
}

const isJwk = (key: object): key is Jwk => 'kty' in key

const isRsaJwk = (key: object): boolean => isJwk(key) && key.kty === 'RSA' && key.alg === undefined

const curves: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }

/** The signature algorithm that a key is for, as the key says or by its type. */
function algorithmOf(key: SigningKey): string | undefined {
  if (isJwk(key)) {
    if (typeof key.alg === 'string') return key.alg
    if (key.kty === 'EC') return curves[String(key['crv'])]
    return key.kty === 'OKP' ? 'EdDSA' : key.kty === 'RSA' ? 'RS256' : undefined
  }
  if ('privateKey' in key) return key.alg
  const { algorithm } = key
  if (algorithm.name === 'ECDSA') return curves['namedCurve' in algorithm ? String(algorithm.namedCurve) : '']
  if (algorithm.name === 'Ed25519') return 'EdDSA'
  if (algorithm.name.startsWith('ML-DSA')) return algorithm.name
  const family = { 'RSASSA-PKCS1-v1_5': 'RS', 'RSA-PSS': 'PS' }[algorithm.name]
  return family === undefined ? undefined : family + hashOf(algorithm).replace('SHA-', '')
}

function hashOf(algorithm: object): string {
  const hash = 'hash' in algorithm ? algorithm.hash : undefined
  return typeof hash === 'object' && hash !== null && 'name' in hash ? String(hash.name) : ''
}
