import type { Mark } from './mark.ts'
import { day, minute } from './mark.ts'
import type { Declaration, Identity, RegistrationRecord } from './record.ts'

/** The layout that this release writes. A reader keeps members that it does not know, and refuses a higher number. */
export const schema = 2

/** Whether a text held a record of this identity, in a layout that this release knows. */
export const isOurs = (record: RegistrationRecord | null, identity: Identity): record is RegistrationRecord =>
  record?.schema === schema && !((record.keys?.version ?? 0) > schema) && String(record.identity) === String(identity)

/** What a store holds, as far as it is JSON. */
export function parse(text: string | undefined): RegistrationRecord | null {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

/** How long a superseded declaration is kept in mind. */
export const supersededFor: number = 30 * day

/** Notes come no faster, however short `overlap` is. */
export const betweenNotes = (overlap: number): number => Math.max(overlap / 4, 5 * minute)

/** While this binds, the declaration in force has been noted; `undefined`: no other one waits for its silence. */
export function lastNote(
  { declaration, superseded = [], inForceSeen }: RegistrationRecord,
  { hash }: Declaration,
  overlap: number,
  now: number,
): Mark | undefined {
  // A number orders declarations whether anybody is heard of or not.
  if (declaration?.hash !== hash || declaration.generation !== undefined) return undefined
  const waits = superseded.filter((it) => it.hash !== hash && now - it.at < supersededFor)
  if (waits.length === 0) return undefined
  const at = inForceSeen ?? Math.max(...waits.map((it) => it.at))
  return { at, length: betweenNotes(overlap) }
}
