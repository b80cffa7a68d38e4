import { busy } from '../errors.ts'
import type { Operation, RegistrationRecord } from '../record/record.ts'
import type { Said } from '../record/mark.ts'
import { concerns, endOf } from '../record/mark.ts'
import type { Timeline } from '../record/timeline.ts'
import { backOff, setbacksOf } from '../record/timeline.ts'
import { spentUntil } from '../record/setbacks.ts'

/** Milliseconds at most for which an outage of one replica holds the others back: it may be that one's network. */
const mostForOthers = 10_000

/** Something that is left alone, until when, and why. */
export interface Hold {
  until: number
  reason: HoldReason
  said: string
}

/** Why something is left alone: `server`, it asked for it; `unreachable`; `refused`; `failed`; `spent`, too many attempts;
 * `busy`, this process has just sent many requests. */
type HoldReason = 'server' | 'unreachable' | 'refused' | 'failed' | 'spent' | 'busy'

interface Own extends Pick<RegistrationRecord, 'setbacks' | 'cannotUpdate' | 'pause'> {
  outage?: Said | undefined
}

/** The process that asks, and what it knows beside the record. */
export interface Asking {
  /** The name of this process: its own outages count in full. */
  owner: string
  /** An outage that another replica noted was sat out already. */
  hasSatOut: boolean
  /** What this process heard or met itself: it binds this process, whatever others wrote over it. */
  own?: Own | undefined
  /** Until when this process has sent enough requests that are no GET. */
  busyUntil?: number | undefined
  /** The declaration that a failure may be about. */
  hash: string
  /** The token that a refusal may be about. */
  token?: string | undefined
  forgetDelay: number
  /** Asked for by `rotate()`: of the limits on registrations, only the one on all of them counts. */
  asked?: boolean
}

/**
 * An update and a renewal are one request to the server: what failed as the one is not sent as the other without the pause after a
 * failure. Nor is what failed for another declaration, unless the server has refused that one.
 */
function ofOther({ failures }: RegistrationRecord, noted: Pick<Own, 'setbacks'>, operation: Operation): Said[] {
  if (operation !== 'update' && operation !== 'renew') return []
  const same = setbacksOf(noted, operation).filter((it) => it.final === undefined)
  const others = setbacksOf(noted, operation === 'update' ? 'renew' : 'update')
  const length = backOff(failures?.update ?? 1, 1)
  return [...same, ...others].map((it) => ({ ...it, length: Math.min(it.length, length) }))
}

/** Until when an operation is left alone: the latest of what the server said, what failed, and what was tried too often. */
export function notBefore(
  record: RegistrationRecord,
  operation: Operation,
  asking: Asking,
  time: Timeline,
): Hold | undefined {
  const { owner, hasSatOut, own = {}, busyUntil } = asking
  const holds: Hold[] = []
  const add = (it: Said | undefined, reason: HoldReason): void => {
    if (it && time.binds(it)) holds.push({ until: endOf(it), reason, said: it.said })
  }
  const { pause, outage } = record
  add(pause, 'server')
  add(own.pause, 'server')
  add(own.outage, 'unreachable')
  const isOwn = outage?.owner === owner
  if (outage && (isOwn || !hasSatOut))
    add(isOwn ? outage : { ...outage, length: Math.min(outage.length, mostForOthers) }, 'unreachable')
  for (const noted of [record, own]) {
    const mine = setbacksOf(noted, operation).filter((it) => concerns(it, asking) && time.binds(it))
    for (const it of mine) add(it, it.hash ? 'refused' : 'failed')
    if (mine.length === 0) for (const it of ofOther(record, noted, operation)) add(it, 'failed')
  }
  const until = (instant: number | undefined, reason: HoldReason, said: string): void => {
    if (instant !== undefined && !time.isPast(instant)) holds.push({ until: instant, reason, said })
  }
  if (operation !== 'look') until(busyUntil, 'busy', busy)
  if (operation === 'register') until(spentUntil(record, time.now, asking), 'spent', spent)
  return holds.reduce<Hold | undefined>((last, hold) => (last && last.until >= hold.until ? last : hold), undefined)
}

/** The first wait after an outage, in milliseconds. */
const mostSatOut = 1000

/** Whether another one's outage is over at once, and is sat out: a page that is left takes its own aborted request for one. */
export const isBrief = (
  { registration, intent, outage }: RegistrationRecord,
  { owner, own }: Pick<Asking, 'owner' | 'own'>,
  { reason, until }: Hold,
  now: number,
): boolean =>
  reason === 'unreachable' &&
  until - now <= mostSatOut &&
  registration === undefined &&
  intent === undefined &&
  outage?.owner !== owner &&
  own?.outage === undefined

const spent =
  'as many registrations as are allowed in an hour or a day were sent: clients may exist at the server that nobody knows. See status().orphans; forget() starts over.'
