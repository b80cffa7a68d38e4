import type { Jwk } from '../../model/jwk.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { Mark } from './mark.ts'

/** What a record keeps of the keys that a manager made. Times are server milliseconds. */
export interface ManagedKeys {
  version: number
  /** The algorithm that was asked for. */
  alg: string
  /** The server chose another one, and a key for that was made. */
  followed?: true | undefined
  /** Signs. */
  current: ManagedKey
  /** Made and about to be published; signs as soon as the server is known to have it. */
  coming?: ComingKey | undefined
  /** Published still, for replicas that sign with it until they look again. */
  retired?: (ManagedKey & { until: number }) | undefined
}

export interface ManagedKey {
  kid: string
  madeAt: number
  publicJwk: Jwk
  /** Absent where the store has a home for keys that can't be exported. */
  privateJwk?: Jwk | undefined
}

export interface ComingKey extends ManagedKey {
  /** Where the server fetches the keys itself: since when this one is published, and for how long it does not sign. */
  published?: Mark | undefined
}

/** Algorithms that a manager makes keys for, in the order in which they are chosen where only the server's list decides. */
export const keyAlgorithms: readonly string[] =
  'ES256 PS256 RS256 ES384 PS384 RS384 ES512 PS512 RS512 EdDSA Ed25519'.split(' ')

/** What the server says that the client's assertions are signed with, where a key can be made for that. */
export const serversChoice = (registration: Partial<RegistrationResponse> | undefined): string | undefined =>
  keyAlgorithms.find((alg) => alg === registration?.token_endpoint_auth_signing_alg)

/** Whether the key that signs is of another algorithm than the server says; each client is followed in that once. */
const isOther = ({ current, followed }: ManagedKeys, chosen: string | undefined): boolean =>
  chosen !== undefined && followed === undefined && current.publicJwk.alg !== chosen

/** What of a record says whether its keys will do. */
interface Kept {
  keys?: ManagedKeys | undefined
  registration?: Partial<RegistrationResponse> | undefined
}

/**
 * When something is to be done about the keys: `rotateAfter` has passed, a retired one ends, the server chose another
 * algorithm, or there are none yet: then 0. How long a published key waits, `dueKeys` knows.
 */
export function keysDueAt(
  wish: { rotateAfter?: number | undefined } | undefined,
  { keys, registration }: Kept,
): number {
  if (!wish) return Infinity
  if (!keys || isOther(keys, serversChoice(registration))) return 0
  return keys.retired?.until ?? keys.current.madeAt + (wish.rotateAfter ?? Infinity)
}

/** What servers get to know of the keys: the one that signs, the one that will, and the one that did. */
export const publicKeys = ({ current, coming, retired }: ManagedKeys): { keys: Jwk[] } => ({
  keys: [current, coming, retired].flatMap((key) => (key === undefined ? [] : [key.publicJwk])),
})

/** The key home no longer has the key that the record names. */
export class KeyLost extends Error {
  override readonly name = 'KeyLost'
  readonly kid: string

  constructor(kid: string) {
    super('The key home no longer has the key of the client.')
    this.kid = kid
  }
}
