import type { JsonObject } from '../exchange/json.ts'

/** What is wrong with a public key, and the specification that says so. */
type Fault = readonly [message: string, source: string]

/** The members that a public key of each kind must have, and the specification that says so. */
const makings = new Map<string, readonly [members: readonly string[], source: string]>([
  ['EC', [['crv', 'x', 'y'], 'RFC 7518 section 6.2.1']],
  ['RSA', [['n', 'e'], 'RFC 7518 section 6.3.1']],
  ['OKP', [['crv', 'x'], 'RFC 8037 section 2']],
])

/** The kind of key that each curve is for, and the bytes of a coordinate, or of the key itself. */
const curveSizes = new Map<string, readonly [kty: string, bytes: number]>([
  ['P-256', ['EC', 32]],
  ['P-384', ['EC', 48]],
  ['P-521', ['EC', 66]],
  ['secp256k1', ['EC', 32]],
  ['Ed25519', ['OKP', 32]],
  ['X25519', ['OKP', 32]],
  ['Ed448', ['OKP', 57]],
  ['X448', ['OKP', 56]],
])

/** The curve of a signature algorithm that is for one curve only. */
const curveOf = new Map<string, string>([
  ['ES256', 'P-256'],
  ['ES384', 'P-384'],
  ['ES512', 'P-521'],
  ['ES256K', 'secp256k1'],
  ['Ed25519', 'Ed25519'],
  ['Ed448', 'Ed448'],
])

/** What an algorithm is for, as the `use` of a key; `undefined` for an algorithm that is not known here. */
export const useOf = (alg: string): 'sig' | 'enc' | undefined =>
  /^(?:[RPEH]S\d|Ed)/.test(alg) ? 'sig' : /^(?:RSA|ECDH)/.test(alg) ? 'enc' : undefined

/** Whether a key is of the kind and curve that an algorithm takes. */
function suits({ kty, crv }: JsonObject, alg: string): boolean {
  const curve = curveOf.get(alg)
  if (curve !== undefined) return crv === curve
  if (/^(?:[RP]S\d|RSA)/.test(alg)) return kty === 'RSA'
  if (alg === 'EdDSA') return crv === 'Ed25519' || crv === 'Ed448'
  if (alg.startsWith('ECDH')) return kty === 'EC' || crv === 'X25519' || crv === 'X448'
  return !alg.startsWith('HS')
}

const operationsOf = {
  sig: ['sign', 'verify'],
  enc: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'deriveKey', 'deriveBits'],
}

/** Whether a server may use a key for a purpose, and with an algorithm where one is named. */
export function serves(key: JsonObject, use: 'sig' | 'enc', alg?: string): boolean {
  if (key['use'] !== undefined && key['use'] !== use) return false
  const operations: unknown = key['key_ops']
  if (Array.isArray(operations) && !operations.some((it) => operationsOf[use].includes(it))) return false
  const own = typeof key['alg'] === 'string' ? key['alg'] : undefined
  if ((own === undefined ? undefined : useOf(own)) === (use === 'sig' ? 'enc' : 'sig')) return false
  // A curve for key agreement signs nothing, and one for signatures agrees on nothing.
  if (key['kty'] === 'OKP' && textIn(key['crv']).startsWith('X') !== (use === 'enc')) return false
  return alg === undefined || (suits(key, alg) && (own === undefined || algorithmName(own) === algorithmName(alg)))
}

/** `EdDSA` was the name before each curve had its own (RFC 9864). */
const algorithmName = (alg: string): string => (alg.startsWith('Ed') ? 'EdDSA' : alg)

/** Why no server can use a public key, or why two servers may read it differently. */
export function faultsOf(key: JsonObject): Fault[] {
  const { kty, alg, use, key_ops: operations } = key
  if (typeof kty !== 'string' || kty === '') return [['Each key must say its kind (kty).', 'RFC 7517 section 4.1']]
  const faults = numbersOf(key, kty)
  if (typeof alg === 'string' && !suits(key, alg))
    faults.push(['A key names an algorithm (alg) that it is not for.', 'RFC 7517 section 4.4'])
  else if (typeof alg === 'string' && typeof use === 'string' && (useOf(alg) ?? use) !== use)
    faults.push(['The use of a key and its alg contradict each other.', 'RFC 7517 section 4.2'])
  const others = use === 'sig' ? operationsOf.enc : use === 'enc' ? operationsOf.sig : []
  if (Array.isArray(operations) && operations.some((it) => others.includes(it)))
    faults.push(['The use of a key and its key_ops contradict each other.', 'RFC 7517 section 4.3'])
  return faults
}

/** What is wrong with the numbers that a key is made of. */
function numbersOf(key: JsonObject, kty: string): Fault[] {
  const [members = [], source = ''] = makings.get(kty) ?? []
  const missing = members.filter((name) => typeof key[name] !== 'string' || key[name] === '')
  if (missing.length > 0) return [[`A key of the kind ${kty} must have ${missing.join(' and ')}.`, source]]
  const numbers = members.filter((name) => name !== 'crv')
  const [wrong] = numbers.filter((name) => !isBase64Url(textIn(key[name])))
  if (wrong !== undefined) return [[`The ${wrong} of a key must be base64url, without padding.`, source]]
  if (kty === 'RSA') {
    if (valueOf(key['n']).toString(2).length >= 2048) return []
    return [['An RSA key must have 2048 bits or more.', 'RFC 7518 sections 3.3, 4.2']]
  }
  const [kind, bytes] = curveSizes.get(textIn(key['crv'])) ?? []
  if (kind === undefined) return []
  if (kind !== kty) return [['A key names a curve (crv) that is not of its kind (kty).', source]]
  if (numbers.some((name) => Math.floor((textIn(key[name]).length * 3) / 4) !== bytes))
    return [['A key must be as long as its curve (crv) has it.', source]]
  return kty === 'EC' && !isOnCurve(key) ? [['A key must be a point of its curve (crv).', source]] : []
}

const isBase64Url = (text: string): boolean => /^[\w-]+$/.test(text) && text.length % 4 !== 1

function valueOf(text: unknown): bigint {
  const bytes = atob(textIn(text).replaceAll('-', '+').replaceAll('_', '/'))
  const digits = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'))
  return BigInt(`0x${digits.join('')}`)
}

/** The curves y² = x³ + ax + b over a prime, by prime, a and b (SEC 2 version 2.0 section 2). */
const equations = new Map<string, readonly [prime: bigint, a: bigint, b: bigint]>([
  [
    'P-256',
    [
      2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
      -3n,
      0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    ],
  ],
  [
    'P-384',
    [
      2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
      -3n,
      0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    ],
  ],
  [
    'P-521',
    [
      2n ** 521n - 1n,
      -3n,
      0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    ],
  ],
  ['secp256k1', [2n ** 256n - 2n ** 32n - 977n, 0n, 7n]],
])

function isOnCurve({ crv, x: givenX, y: givenY }: JsonObject): boolean {
  const equation = equations.get(textIn(crv))
  if (equation === undefined) return true
  const [prime, a, b] = equation
  const [x, y] = [valueOf(givenX), valueOf(givenY)]
  return x < prime && y < prime && (y ** 2n - x ** 3n - a * x - b) % prime === 0n
}

/** A member as a text; empty where it is no text. */
const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')
