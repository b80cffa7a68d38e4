import type { Moment } from './timeline.ts'
import { backOff, setbackName, setbacksOf } from './timeline.ts'
import type { Attempt, Operation, RegistrationRecord } from './record.ts'
import type { Mark, Row, Suspicion } from './mark.ts'
import { binds, day, endOf, heeded, hour, minute } from './mark.ts'

// What is written down of a failure, so that all replicas know of it, and how long it counts.

export const denied = 'The management token was denied.'

/** So many denials in a row, over `forgetDelay`, are a proof. */
export const enough = 3

const operations: readonly Operation[] = ['register', 'update', 'renew', 'look', 'choose', 'delete']

/** An update and a renewal are one request to the server. */
const countedAs = (operation: Operation): Operation => (operation === 'renew' ? 'update' : operation)

/**
 * Counts one more failure in a row of an operation, of whatever kind: a server that fails in another way each time is not asked
 * sooner than one that always fails in the same way. No pause after it is shorter than `least`.
 */
export function failed(
  record: RegistrationRecord,
  operation: Operation,
  { chance }: Moment,
): { failures: RegistrationRecord['failures']; least: number } {
  const of = countedAs(operation)
  const count = (record.failures?.[of] ?? 0) + 1
  return { failures: { ...record.failures, [of]: count }, least: backOff(count, chance) }
}

/** The record with the higher count of failures for each operation, its own or the one given. */
export function withFailures(record: RegistrationRecord, own: RegistrationRecord['failures'] = {}): RegistrationRecord {
  const failures = { ...record.failures }
  for (const operation of operations) {
    const count = own[operation] ?? 0
    if (count > (failures[operation] ?? 0)) failures[operation] = count
  }
  return { ...record, failures }
}

/** The record after an operation was answered well: its next failure is the first in a row. */
export const withSuccess = (record: RegistrationRecord, operation: Operation): RegistrationRecord =>
  record.failures === undefined
    ? record
    : { ...record, failures: { ...record.failures, [countedAs(operation)]: undefined } }

/** A server that asks for patience is left alone: for as long as it names, up to an hour; else longer with each time. A longer wait stays. */
export function withPause(
  record: RegistrationRecord,
  operation: Operation,
  moment: Moment,
  wait: number | undefined,
  said: string,
): RegistrationRecord {
  const { failures, least } = failed(record, operation, moment)
  const pause = { at: moment.now, length: heeded(Math.max(wait ?? 0, least)), said }
  return { ...record, failures, pause: lasting(record.pause, pause, moment.now) }
}

/** Nobody answered: a mark for all replicas, longer with each failure. */
export function withOutage(
  record: RegistrationRecord,
  operation: Operation,
  moment: Moment,
  owner: string,
  said: string,
): RegistrationRecord {
  const { failures, least } = failed(record, operation, moment)
  return { ...record, failures, outage: { at: moment.now, length: least, owner, said } }
}

/** How an operation is left alone after a failure, from the first pause to the longest. `hash`: only that declaration is. */
export interface Leaving {
  said: string
  hash?: string | undefined
  final?: true | undefined
  /** The token that was refused, as `Memory` names it. */
  token?: string | undefined
  first?: number
  most?: number
  /** So many failures in a row are not followed by a pause at all. */
  free?: number
}

/** An operation failed: it is left alone, longer with each failure. The last 32 are kept. */
export function withSetback(
  record: RegistrationRecord,
  operation: Operation,
  moment: Moment,
  { said, hash, final, token, first = 1000, most = minute, free = 0 }: Leaving,
): RegistrationRecord {
  const { now, chance } = moment
  const { failures, least } = failed(record, operation, moment)
  const name = setbackName(operation, hash, token)
  const { [name]: before, ...others } = record.setbacks ?? {}
  const { first: began, count } = longer(before?.hash === hash && before?.final === final ? before : undefined, now)
  const length = count > free ? Math.max(least, backOff(count - free, chance, first, most)) : 0
  const setback = { at: now, length, count, first: began, said, hash, final, token }
  const setbacks = Object.fromEntries([...Object.entries(others), [name, setback]].slice(-32))
  return { ...record, failures, setbacks }
}

/** Whether this declaration was found to be wrong before; the error was thrown then. */
export const wasRefused = (record: RegistrationRecord, operation: Operation, hash: string): boolean =>
  setbacksOf(record, operation).some((it) => it.final && it.hash === hash)

/** A page may be a sign-in: a person who has just signed in is not made to wait, and nobody asks ten times a minute. */
export const ofPage: Pick<Leaving, 'first' | 'free'> = { first: 2000, free: 4 }

/** The row with one more entry. Its begin is moved along with a clock that was set back, or it would never last long enough. */
export const longer = (row: Omit<Row, 'last'> | undefined, now: number): Row => ({
  first: Math.min(row?.first ?? now, now),
  last: now,
  count: (row?.count ?? 0) + 1,
})

/** Whether denials in a row are a proof: so many of them, over so long. */
export const isRow = ({ first, last, count }: Row, forgetDelay: number): boolean =>
  forgetDelay === 0 ? count > 0 : count >= enough && last - first >= forgetDelay

/** Whether a row goes on: an entry later than an hour, or than two `forgetDelay`, after its last one begins another row. */
export const goesOn = (row: Row | undefined, now: number, forgetDelay: number): row is Row =>
  row !== undefined && Math.abs(now - row.last) < Math.max(hour, 2 * forgetDelay)

/** How long denials must last: it doubles, to a day, with each predecessor that was given up before it was seen alive. */
export const patienceWith = ({ unproven = 0 }: RegistrationRecord, forgetDelay: number): number =>
  unproven === 0 ? forgetDelay : Math.max(forgetDelay, Math.min(forgetDelay * 2 ** unproven, day))

/** The suspicion that is in force: without a further denial it ends after an hour, or two `forgetDelay`. */
export function suspicionIn(record: RegistrationRecord, now: number, forgetDelay: number): Suspicion | undefined {
  const { suspicion } = record
  return goesOn(suspicion, now, patienceWith(record, forgetDelay)) ? suspicion : undefined
}

/** Whether the server has denied the client, or its credentials, often and long enough. */
export function isConfirmed(record: RegistrationRecord, now: number, forgetDelay: number): boolean {
  const suspicion = suspicionIn(record, now, forgetDelay)
  return suspicion !== undefined && isRow(suspicion, patienceWith(record, forgetDelay))
}

// Registration requests that may have made a client: how many, and when another may be sent.

const mostInVain = 3
const mostInVainADay = 12
const mostInAll = 5
/**
 * A server may permit a request and forbid the page to read its answer, which looks the same to a page; so these have a bound
 * too, far above what it takes to repair a server.
 */
const mostKeptBack = 12

/** How many attempts are kept, however old: one that is old by this machine's clock may still count by another's. */
const mostAttempts = 64

/** The record that is saved before a registration request leaves. */
export const withAttempt = (record: RegistrationRecord, attempt: Attempt): RegistrationRecord => ({
  ...record,
  attempts: [...(record.attempts ?? []), attempt].slice(-mostAttempts),
})

/** The record in which an attempt counts from when its request left: the save that noted it may have taken its time. */
export const withLeaving = (record: RegistrationRecord, intent: string, at: number | undefined): RegistrationRecord =>
  at === undefined
    ? record
    : { ...record, attempts: record.attempts?.map((it) => (it.intent === intent ? { ...it, at } : it)) }

/** The record without an attempt that can't have made a client. One that a browser kept back has a count of its own. */
export const withoutAttempt = (record: RegistrationRecord, intent: string, keptBack?: true): RegistrationRecord => ({
  ...record,
  attempts: record.attempts?.flatMap((it) =>
    it.intent !== intent ? [it] : keptBack ? [{ intent, at: it.at, keptBack }] : [],
  ),
})

/** The registration of a client that is being given up before it was ever seen alive: it ended in nothing. */
export const inVain = (record: RegistrationRecord, now: number, forgetDelay: number): Attempt | undefined =>
  suspicionIn(record, now, forgetDelay) && !record.proven ? record.attempts?.findLast(({ made }) => made) : undefined

/** Until when no other registration may be sent, since too many were, by what became of them. `undefined`: one may be. */
export function spentUntil(
  record: RegistrationRecord,
  now: number,
  { asked, forgetDelay }: { asked?: boolean; forgetDelay: number },
): number | undefined {
  const attempts = (record.attempts ?? []).filter((it) => !it.keptBack)
  const keptBack = (record.attempts ?? []).filter((it) => it.keptBack)
  // A machine that has not heard the server's time counts by its own clock, and so did the sender: the closer instant counts.
  const instant = ({ at, own = at }: Attempt): number => (Math.abs(now - own) < Math.abs(now - at) ? own : at)
  const within = (length: number, of: readonly Attempt[]): number[] =>
    of.map(instant).filter((at) => Math.abs(now - at) < length)
  const unseen = inVain(record, now, forgetDelay)
  const vain = asked ? [] : attempts.filter((it) => (!it.made || it === unseen) && !it.asked)
  const rules: [found: number[], most: number, length: number][] = [
    [within(hour, vain), mostInVain, hour],
    [within(day, vain), mostInVainADay, day],
    [within(hour, attempts), mostInAll, hour],
    [within(hour, keptBack), mostKeptBack, hour],
  ]
  const ends = rules.flatMap(([found, most, length]) => {
    const blocking = found[found.length - most]
    return blocking === undefined ? [] : [blocking + length]
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/**
 * Of two marks, the one that binds by this clock and ends later. So a mark that a machine with another clock wrote, or a store
 * shows that could not take the latest one, ends nothing.
 */
export const lasting = <M extends Mark>(known: M | undefined, found: M | undefined, now: number): M | undefined =>
  binds(found, now) && !(known && binds(known, now) && endOf(known) > endOf(found)) ? found : known

/** The mark after this clock was set ahead by `ms`. */
export const moved = <M extends Mark>(mark: M | undefined, ms: number): M | undefined =>
  mark && { ...mark, at: mark.at + ms }

/** The mark, for a minute at most. */
export const brief = <M extends Mark>(mark: M): M => ({ ...mark, length: Math.min(mark.length, minute) })
