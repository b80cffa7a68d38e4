import type { Jwk } from '../../model/jwk.ts'

/** What a record keeps of the keys that a manager made. Times are server milliseconds. */
export interface ManagedKeys {
  version: number
  alg: string
  /** Signs. */
  current: ManagedKey
  /** Made and about to be published; signs as soon as the server is known to have it. */
  coming?: ManagedKey | undefined
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

/** When something is to be done about the keys: `rotateAfter` has passed, a retired one ends, or there are none yet. */
export function keysDueAt(
  wish: { rotateAfter?: number | undefined } | undefined,
  keys: ManagedKeys | undefined,
): number {
  if (!wish) return Infinity
  return keys ? (keys.retired?.until ?? keys.current.madeAt + (wish.rotateAfter ?? Infinity)) : 0
}
