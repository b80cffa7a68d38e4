import { isManageable } from './credentials.ts'
import type { Declaration, Intent, RegistrationRecord } from './record.ts'
import type { Mark } from './mark.ts'
import { day, minute } from './mark.ts'
import type { Moment, Timeline } from './timeline.ts'
import { lastNote, supersededFor } from './layout.ts'

const longestSilence = 7 * day
const mostSuperseded = 128

/**
 * How a program's declaration compares to the one in force. `same`: nothing is to be done. `number`: the same metadata under a
 * higher generation. `apply`: the client is to be changed. `older`: the other one stays in force, and this one waits or yields.
 */
export function compareDeclarations(
  record: RegistrationRecord,
  declared: Declaration,
  overlap: number,
  time: Timeline,
): 'same' | 'number' | 'apply' | 'older' {
  const { declaration: theirs } = record
  const order = (declared.generation ?? -Infinity) - (theirs?.generation ?? -Infinity)
  if (theirs?.hash === declared.hash) return order > 0 ? 'number' : 'same'
  if (order > 0) return 'apply'
  if (order < 0) return 'older'
  return time.binds(supersededMark(record, declared.hash, overlap)) ? 'older' : 'apply'
}

/** Stands in place of the hash of a declaration that may no longer be in force: it equals no other. */
export const unknownHash = ''

/** The record when it is not known what is in force: each program whose generation allows it applies its declaration. */
export const withUnknownDeclaration = (record: RegistrationRecord): RegistrationRecord => ({
  ...record,
  declaration: record.declaration && { ...record.declaration, hash: unknownHash },
})

/**
 * The record after a request that got no answer, whatever it was: what is in force is not known until a look at the client, or
 * the answer to another request, says so. A registration may have changed the client in use (RFC 7591 section 3.2.1); where no
 * look can show that, it is taken to have made another client, as servers usually do.
 */
export function leftOpen({ options }: Moment, record: RegistrationRecord, intent: Intent): RegistrationRecord {
  const { declaration, operation, sent } = intent
  const isUpdate = operation === 'update'
  const isOther = operation === 'replace' && sent && declaration?.hash !== record.declaration?.hash
  if (declaration === undefined || !(isUpdate || isOther)) return record
  if (isManageable(record, options)) return { ...record, doubt: declaration }
  return isUpdate ? withUnknownDeclaration(record) : record
}

/**
 * While this binds, a superseded declaration is not applied again: the one in force must have been silent for `overlap`, and
 * for twice as long with each return, to a week; where `overlap` is 0, returns double a minute.
 */
export function supersededMark(record: RegistrationRecord, hash: string, overlap: number): Mark | undefined {
  const entry = record.superseded?.find((it) => it.hash === hash)
  if (entry === undefined) return undefined
  // Twice 0 would be 0.
  const first = entry.returns > 0 ? overlap || minute : overlap
  const length = Math.min(first * 2 ** entry.returns, Math.max(overlap, longestSilence))
  return { at: Math.max(record.inForceSeen ?? entry.at, entry.at), length }
}

/** The list of superseded declarations once this one is in force, and whether it came back. */
export function supersede(
  record: RegistrationRecord,
  { hash }: Declaration,
  now: number,
): { superseded: RegistrationRecord['superseded']; isReturn: boolean } {
  const ends = record.declaration
  if (ends === undefined || ends.hash === hash) return { superseded: record.superseded, isReturn: false }
  const entries = new Map(
    (record.superseded ?? [])
      .filter((it) => now - it.at < supersededFor && it.hash !== unknownHash)
      .map((it) => [it.hash, it]),
  )
  const back = entries.get(hash)
  if (back) entries.set(hash, { ...back, returns: back.returns + 1 })
  const { returns = 0 } = entries.get(ends.hash) ?? {}
  // The last one stands last: the first fall out.
  entries.delete(ends.hash)
  if (ends.hash !== unknownHash) entries.set(ends.hash, { hash: ends.hash, at: now, returns })
  return { superseded: [...entries.values()].slice(-mostSuperseded), isReturn: back !== undefined }
}

/** The setbacks of other declarations: that this one, or the one in force, has succeeded changes nothing about them. */
export const setbacksOfOthers = (
  { setbacks = {}, declaration }: RegistrationRecord,
  own: Declaration | undefined = declaration,
): RegistrationRecord['setbacks'] =>
  Object.fromEntries(Object.entries(setbacks).filter(([, it]) => it?.hash !== undefined && it.hash !== own?.hash))

/** Whether a process of the declaration in force is to note itself: only while another one waits for its silence. */
export function isNoteDue(record: RegistrationRecord, declared: Declaration, overlap: number, time: Timeline): boolean {
  const last = lastNote(record, declared, overlap, time.now)
  return last !== undefined && !time.binds(last)
}
