import type { Declaration, RegistrationRecord } from './record.ts'
import type { Mark, Timeline } from './mark.ts'
import { day, minute } from './mark.ts'

const longest = 7 * day
/** Notes come no faster, however short `overlap` is. */
const shortest = 5 * minute
const kept = 30 * day
const most = 16

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

/**
 * While this binds, a superseded declaration is not applied again: the one in force must have been silent for `overlap`, and
 * for twice as long with each return, to a week.
 */
export function supersededMark(record: RegistrationRecord, hash: string, overlap: number): Mark | undefined {
  const entry = record.superseded?.find((it) => it.hash === hash)
  if (entry === undefined) return undefined
  const length = Math.min(overlap * 2 ** entry.returns, Math.max(overlap, longest))
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
  const entries = new Map((record.superseded ?? []).filter(({ at }) => now - at < kept).map((it) => [it.hash, it]))
  const back = entries.get(hash)
  if (back) entries.set(hash, { ...back, returns: back.returns + 1 })
  entries.set(ends.hash, { hash: ends.hash, at: now, returns: entries.get(ends.hash)?.returns ?? 0 })
  return { superseded: [...entries.values()].slice(-most), isReturn: back !== undefined }
}

/** Whether a process of the declaration in force is to note itself: only while another one waits for its silence. */
export function isNoteDue(record: RegistrationRecord, declared: Declaration, overlap: number, time: Timeline): boolean {
  const { declaration, superseded = [], inForceSeen } = record
  // A number orders declarations whether anybody is heard of or not.
  if (declaration?.hash !== declared.hash || declaration.generation !== undefined) return false
  const waits = superseded.filter((it) => it.hash !== declared.hash && time.now - it.at < kept)
  if (waits.length === 0) return false
  const since = inForceSeen ?? Math.max(...waits.map(({ at }) => at))
  return !time.binds({ at: since, length: Math.max(overlap / 4, shortest) })
}
