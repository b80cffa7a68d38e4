import { isManageable } from './credentials.ts'
import type { Declaration, Intent, RegistrationRecord } from './record.ts'
import type { Mark } from './mark.ts'
import { day, minute } from './mark.ts'
import type { Moment, Timeline } from './timeline.ts'
import { lastNote, supersededFor } from './layout.ts'

const longestSilence = 7 * day
const mostSuperseded = 16

/**
 * What a program's declaration is to the one in force. `same`: nothing is to be done. `number`: the same metadata under a
 * higher generation. `apply`: the client is to be changed. `older`: another one stands, and this one waits or yields.
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

/** In place of the hash of a declaration that may no longer be in force: it is like no other. */
export const unknownHash = ''

/** What is in force is not known: whoever may, by its number, applies what it declares. */
export const withUnknownDeclaration = (record: RegistrationRecord): RegistrationRecord => ({
  ...record,
  declaration: record.declaration && { ...record.declaration, hash: unknownHash },
})

/**
 * The record after a request that nobody heard an answer to, whatever was asked: what is in force is not known until the client
 * was looked at, or another request says so. A registration may have changed the client in use (RFC 7591 section 3.2.1); where
 * no look can show that, what servers do with one counts: they make another client.
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
  // Twice nothing would be nothing.
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
    (record.superseded ?? []).filter(({ at }) => now - at < supersededFor).map((it) => [it.hash, it]),
  )
  const back = entries.get(hash)
  if (back) entries.set(hash, { ...back, returns: back.returns + 1 })
  entries.set(ends.hash, { hash: ends.hash, at: now, returns: entries.get(ends.hash)?.returns ?? 0 })
  return { superseded: [...entries.values()].slice(-mostSuperseded), isReturn: back !== undefined }
}

/** Whether a process of the declaration in force is to note itself: only while another one waits for its silence. */
export function isNoteDue(record: RegistrationRecord, declared: Declaration, overlap: number, time: Timeline): boolean {
  const last = lastNote(record, declared, overlap, time.now)
  return last !== undefined && !time.binds(last)
}
