import type { RegistrationResponse } from '../../model/registration.ts'
import type { Mark } from './mark.ts'
import { day, minute } from './mark.ts'
import type { Declaration, Identity, ManagedKeys, RegistrationRecord } from './record.ts'

/** The layout that this release writes. A reader keeps members that it does not know, and refuses a higher number. */
export const schema = 2

/** Whether a text held a record of this identity, in a layout that this release knows. */
export const isOurs = (record: RegistrationRecord | null, identity: Identity): record is RegistrationRecord =>
  record?.schema === schema && !((record.keys?.version ?? 0) > schema) && String(record.identity) === String(identity)

/** The stored text as JSON; `null` where it is none. */
export function parse(text: string | undefined): RegistrationRecord | null {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

/** How long a superseded declaration is kept in mind. */
export const supersededFor: number = 30 * day

/** Milliseconds between two notes that the declaration in force is alive: at least five minutes, however short `overlap` is. */
export const betweenNotes = (overlap: number): number => Math.max(overlap / 4, 5 * minute)

/** The last note that the declaration in force is alive, until the next is due; `undefined`: no other one waits for its silence. */
export function lastNote(
  { declaration, superseded = [], inForceSeen }: RegistrationRecord,
  { hash }: Declaration,
  overlap: number,
  now: number,
): Mark | undefined {
  // A generation orders declarations whether their processes are heard of or not.
  if (declaration?.hash !== hash || declaration.generation !== undefined) return undefined
  const waits = superseded.filter((it) => it.hash !== hash && now - it.at < supersededFor)
  if (waits.length === 0) return undefined
  const at = inForceSeen ?? Math.max(...waits.map((it) => it.at))
  return { at, length: betweenNotes(overlap) }
}

/** Algorithms that a manager makes keys for, in the order in which they are chosen where only the server's list decides. */
export const keyAlgorithms: readonly string[] =
  'ES256 PS256 RS256 ES384 PS384 RS384 ES512 PS512 RS512 EdDSA Ed25519'.split(' ')

/** The algorithm that the server chose for the client's assertions, where a key can be made for it. */
export const serversChoice = (registration: Partial<RegistrationResponse> | undefined): string | undefined =>
  keyAlgorithms.find((alg) => alg === registration?.token_endpoint_auth_signing_alg)

/** Whether the key that signs has another algorithm than the server chose; its choice is followed once for each client. */
const isOther = ({ current, followed }: ManagedKeys, chosen: string | undefined): boolean =>
  chosen !== undefined && followed === undefined && current.publicJwk.alg !== chosen

/** The part of a record that says whether its keys will do. */
interface Kept {
  keys?: ManagedKeys | undefined
  registration?: Partial<RegistrationResponse> | undefined
}

/**
 * When something is to be done about the keys: `rotateAfter` has passed, a retired one ends, the server chose another algorithm,
 * or there are none yet: then 0. `dueKeys` knows how long a published key waits.
 */
export function keysDueAt(
  wish: { rotateAfter?: number | undefined } | undefined,
  { keys, registration }: Kept,
): number {
  if (!wish) return Infinity
  if (!keys || isOther(keys, serversChoice(registration))) return 0
  return keys.retired?.until ?? keys.current.madeAt + (wish.rotateAfter ?? Infinity)
}
