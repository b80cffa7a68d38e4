import { day, hour } from './mark.ts'
import type { Attempt, RegistrationRecord } from './record.ts'

// Registration requests that may have made a client: how many, and when another may be sent.

const mostInVain = 3
const mostInVainADay = 12
const mostInAll = 5
/**
 * A server may permit a request and forbid to read its answer, which looks the same to a page; so these have a bound too,
 * that nobody who repairs a server comes near.
 */
const mostKeptBack = 12

/** How many are kept, however old: what a machine with a clock of its own takes for old still counts for the others. */
const mostAttempts = 64

/** The record that is saved before a registration request leaves. */
export const withAttempt = (record: RegistrationRecord, attempt: Attempt): RegistrationRecord => ({
  ...record,
  attempts: [...(record.attempts ?? []), attempt].slice(-mostAttempts),
})

/** The record in which a request counts from when it left: the store may have taken its time to note it. */
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
export const inVain = ({ suspicion, proven, attempts }: RegistrationRecord): Attempt | undefined =>
  suspicion !== undefined && !proven ? attempts?.findLast(({ made }) => made) : undefined

/** Until when no other registration is sent: too many were, by what became of them. `undefined`: one may be. */
export function spentUntil(record: RegistrationRecord, now: number, asked: boolean): number | undefined {
  const attempts = (record.attempts ?? []).filter((it) => !it.keptBack)
  const keptBack = (record.attempts ?? []).filter((it) => it.keptBack)
  const within = (length: number, of: readonly Attempt[]): Attempt[] =>
    of.filter((it) => Math.abs(now - it.at) < length)
  const unseen = inVain(record)
  const vain = asked ? [] : attempts.filter((it) => (!it.made || it === unseen) && !it.asked)
  const rules: [found: Attempt[], most: number, length: number][] = [
    [within(hour, vain), mostInVain, hour],
    [within(day, vain), mostInVainADay, day],
    [within(hour, attempts), mostInAll, hour],
    [within(hour, keptBack), mostKeptBack, hour],
  ]
  const ends = rules.flatMap(([found, most, length]) => {
    const blocking = found[found.length - most]
    return blocking ? [blocking.at + length] : []
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}
