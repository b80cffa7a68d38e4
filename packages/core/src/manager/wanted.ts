import { load as late } from '../load.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import type { Declaration } from './declaration.ts'
import { compareDeclarations } from './drift.ts'
import type { Keeping } from './keeping.ts'
import type { ManagedKey, ManagedKeys } from './keys.ts'
import { keysDueAt } from './keys.ts'
import type { RegistrationRecord } from './record.ts'

export const keysAreDue = (k: Keeping, record: RegistrationRecord): boolean =>
  keysDueAt(k.options.keys, record.keys) <= k.clock.now(record)

/** What the client is to be made into. Its keys are written down before anything is sent, so that none is ever lost. */
export interface Wanted {
  declaration: Declaration
  keys: ManagedKeys | undefined
}

/** The declaration and the keys to publish with it: made now where there are none, where they are old, or of another kind. */
export async function wanted(k: Keeping, record: RegistrationRecord | undefined, as: 'new' | 'same'): Promise<Wanted> {
  const { options, store } = k
  const verdict = record && compareDeclarations(k, record)
  // What is in force stays so with its number, where this program's declaration must not take its place.
  const declared = (verdict === 'same' || verdict === 'older' ? record?.declaration : undefined) ?? k.declared
  const isForeign = verdict === 'older' && record?.keys === undefined
  if (options.keys === undefined || isForeign) return { declaration: declared, keys: record?.keys }
  const { nextKeys } = await late(import('../keys/managed.ts'))
  const keys = await nextKeys(record?.keys, { ...options.keys, home: store.keys }, k.clock.now(record))
  const { coming, current, retired } = keys
  // A client that the server does not know yet needs no key that others sign with.
  const published = as === 'new' ? [coming ?? current] : [coming, current, retired]
  return { keys, declaration: { ...declared, metadata: withKeys(declared.metadata, published) } }
}

function withKeys(metadata: RegistrationRequest, published: readonly (ManagedKey | undefined)[]): RegistrationRequest {
  return { ...metadata, jwks: { keys: published.flatMap((key) => (key === undefined ? [] : [key.publicJwk])) } }
}

/** The keys of a record once the server has what was declared. */
export function settledKeys(
  k: Keeping,
  record: RegistrationRecord,
  { metadata }: Declaration,
): ManagedKeys | undefined {
  const isPublished = (key: ManagedKey): boolean => metadata.jwks?.keys.some(({ kid }) => kid === key.kid) === true
  if (record.keys === undefined) return undefined
  const { coming, current, ...keys } = record.keys
  if (coming === undefined || !isPublished(coming)) return isPublished(current) ? record.keys : undefined
  const until = k.clock.now(record) + k.overlap
  return { ...keys, current: coming, retired: isPublished(current) ? { ...current, until } : undefined }
}
