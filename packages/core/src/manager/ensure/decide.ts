import type { RegistrationResponse } from '../../model/registration.ts'
import type { KeeperOptions } from '../options.ts'
import { hasManagement, isExpired } from '../record/credentials.ts'
import { compareDeclarations, isNoteDue } from '../record/declarations.ts'
import { keysDueAt } from '../record/layout.ts'
import { binds, Timeline } from '../record/mark.ts'
import type { Intent, Operation, RegistrationRecord } from '../record/record.ts'
import { isConfirmed } from '../record/setbacks.ts'
import type { Declaration } from '../start.ts'
import type { Asking, Hold } from './patience.ts'
import { notBefore } from './patience.ts'

/** The one thing that a record calls for. */
export type Action =
  | { do: 'use'; registration: RegistrationResponse; drift?: Drift | undefined } // no request
  | { do: 'wait' } // somebody else is at it
  | { do: 'register' } // POST; there is no client to fall back to
  | { do: 'replace'; because: Because } // POST; the old client stays in use until the new one is saved
  | { do: 'update' | 'publish-keys' } // PUT what is declared
  | { do: 'renew' } // PUT what is there, to see whether the secret moves
  | { do: 'look'; after?: Intent | undefined } // GET: what became of an update, or whether the token works again
  | { do: 'settle' } // a dead starter's intent that left nothing to ask the server about
  | { do: 'renumber' } // the same declaration under a higher generation
  | { do: 'note' } // the declaration in force is alive, and another one waits for its silence
  | { do: 'stop'; why: Stop; hold?: Hold | undefined }

/** Why a client that works is replaced. */
export type Because = 'update' | 'renew' | 'forgotten' | 'credentials' | 'key-lost' | 'rotate'
/** Why a client in use is not what is declared, or not renewed. */
export type Drift = 'superseded' | 'unmanageable' | 'store' | Hold['reason']
export type Stop = 'missing' | 'deleting' | 'deleted' | 'left-alone'

/** What counts beside the record itself; all of it is known without a request. */
export interface Situation {
  /** `rotate`: other credentials are asked for. `read`: the server's word is. */
  goal: 'ensure' | 'rotate' | 'read'
  options: Pick<KeeperOptions, 'profile' | 'expectExisting' | 'keys' | 'reregister'>
  declared: Declaration
  /** The server's time. */
  now: number
  overlap: number
  forgetDelay: number
  /** Nobody else is at work on the record: its lease ran out, or it is a leftover of our own. */
  isFree: boolean
  /** Whose outage it was, and whether another one's was sat out. */
  asking: Pick<Asking, 'owner' | 'hasSatOut'>
  /** The key that the key home no longer has. */
  lostKey?: string | undefined
  /** How often this call has renewed secret or keys: a server whose answers are due at once must not keep it for ever. */
  renewals: number
  /** What the goal asks for was done by this call. */
  isDone: boolean
}

/** An action, and the instant from which on the same record may call for another one. */
export type Decision = Action & { until: number }

const mostRenewals = 3

/**
 * The state machine of the manager, all of it: pure. What a record calls for, and until when.
 *
 * | record                          | somebody is at it | free                                             |
 * | ------------------------------- | ----------------- | ------------------------------------------------ |
 * | none                            | -                 | register, stop: missing                          |
 * | no client                       | wait              | register                                         |
 * | at rest, good                   | use               | use                                              |
 * | another declaration             | wait              | update, replace, look, use: drift                |
 * | superseded declaration          | use: drift        | use: drift                                       |
 * | higher generation               | wait              | renumber                                         |
 * | secret due                      | use               | renew, replace                                   |
 * | secret ended                    | wait              | renew, replace, stop: left-alone                 |
 * | keys due                        | use               | publish-keys, replace                            |
 * | key lost                        | wait              | replace                                          |
 * | denied often and long enough    | use               | replace                                          |
 * | an update without an answer     | -                 | look, use: drift                                 |
 * | a starter that died             | -                 | settle                                           |
 * | what it calls for is left alone | use: drift        | use: drift, stop: left-alone                     |
 * | deleting                        | stop: deleting    | stop: deleting                                   |
 * | deleted                         | stop: deleted     | stop: deleted                                    |
 */
export function decide(record: RegistrationRecord | undefined, situation: Situation): Decision {
  const time = new Timeline(situation.now)
  return { ...act(record, situation, time), until: time.next }
}

function act(record: RegistrationRecord | undefined, s: Situation, time: Timeline): Action {
  if (record === undefined) return s.options.expectExisting ? { do: 'stop', why: 'missing' } : { do: 'register' }
  if (record.deleted) return { do: 'stop', why: 'deleted' }
  if (record.intent?.operation === 'delete') return { do: 'stop', why: 'deleting' }
  const { registration } = record
  const wanted: Action = registration ? tend(record, registration, s, time) : { do: 'register' }
  const action = allowed(wanted, record, s, time)
  // What a dead starter left behind is written down, also where nothing else can be done now.
  const isLeftOver = s.isFree && record.intent !== undefined
  return isLeftOver && (action.do === 'use' || action.do === 'stop') ? settling(record, wanted, action) : action
}

/** An update without an answer stays open until the server could be asked about it. */
const settling = (record: RegistrationRecord, wanted: Action, action: Action): Action =>
  wanted.do === 'look' && wanted.after === record.intent ? action : { do: 'settle' }

/** What a client in use calls for, whoever is at work and whatever is left alone. */
function tend(record: RegistrationRecord, registration: RegistrationResponse, s: Situation, time: Timeline): Action {
  const { intent, keys, unmanageable } = record
  if (s.goal === 'read' && !s.isDone) return { do: 'look' }
  if (s.lostKey !== undefined && keys?.current.kid === s.lostKey) return { do: 'replace', because: 'key-lost' }
  const { suspicion } = record
  if (suspicion && s.options.reregister !== false && isConfirmed(record, s.now, s.forgetDelay))
    return giveUp(record, suspicion.of, s, time)
  if (
    (intent?.operation === 'update' || intent?.operation === 'renew') &&
    s.isFree &&
    hasManagement(registration, s.options)
  )
    return unmanageable ? { do: 'settle' } : { do: 'look', after: intent }
  const order = compareDeclarations(record, s.declared, s.overlap, time)
  const due = time.isPast(record.renewAt)
  // Where nothing can be updated, the registration that renews the secret brings the declaration too.
  if (order === 'apply' && !(due && unmanageable)) return applyDeclaration(record, registration, s, time)
  if (s.goal === 'rotate' && !s.isDone) return renewal(record, s, time, 'rotate')
  const mayRenew = s.renewals < mostRenewals
  if (due && mayRenew) return renewal(record, s, time, 'renew')
  if (order === 'older') return { do: 'use', registration, drift: 'superseded' }
  if (order === 'same' && mayRenew && !unmanageable && time.isPast(finite(keysDueAt(s.options.keys, keys))))
    return canUpdate(record, s, time) ? { do: 'publish-keys' } : { do: 'replace', because: 'update' }
  if (order === 'number') return { do: 'renumber' }
  if (isNoteDue(record, s.declared, s.overlap, time)) return { do: 'note' }
  return { do: 'use', registration }
}

/** The client is to be changed: by an update, or anew where the server can't. */
function applyDeclaration(
  record: RegistrationRecord,
  registration: RegistrationResponse,
  s: Situation,
  time: Timeline,
): Action {
  // Whether refresh tokens and consents may go is not ours to decide: forget() would start over.
  if (record.unmanageable && hasManagement(registration, s.options))
    return time.binds(record.unmanageable) ? { do: 'use', registration, drift: 'unmanageable' } : { do: 'look' }
  return canUpdate(record, s, time) ? { do: 'update' } : { do: 'replace', because: 'update' }
}

/** Other credentials are needed: by an update where that brings some, else anew. */
function renewal(record: RegistrationRecord, s: Situation, time: Timeline, because: 'renew' | 'rotate'): Action {
  const byUpdate = record.unmanageable === undefined && canUpdate(record, s, time) && !time.binds(record.renewsNothing)
  return byUpdate ? { do: 'renew' } : { do: 'replace', because }
}

/** The server has proven that it no longer knows the client, or its credentials. */
function giveUp(record: RegistrationRecord, of: 'client' | 'credentials', s: Situation, time: Timeline): Action {
  if (of === 'client') return { do: 'replace', because: 'forgotten' }
  const action = renewal(record, s, time, 'renew')
  return action.do === 'renew' ? action : { do: 'replace', because: 'credentials' }
}

function canUpdate(record: RegistrationRecord, { options }: Situation, time: Timeline): boolean {
  return (
    hasManagement(record.registration, options) &&
    options.profile?.cannot?.update === undefined &&
    !time.binds(record.cannotUpdate)
  )
}

/** What is wanted, if nobody is at it and nothing is left alone; else what there is. */
function allowed(wanted: Action, record: RegistrationRecord, s: Situation, time: Timeline): Action {
  if (wanted.do === 'stop' || wanted.do === 'use' || wanted.do === 'settle' || wanted.do === 'note') return wanted
  if (!s.isFree) return waits(wanted, record, s) ? { do: 'wait' } : meanwhile(record, s, undefined)
  const operation = operationOf(wanted)
  if (operation === undefined) return wanted
  const hold = notBefore(record, operation, { ...s.asking, hash: s.declared.hash, asked: s.goal === 'rotate' }, time)
  if (hold) return meanwhile(record, s, hold, wanted)
  // Somebody is about to delete a client, and this server may hand out the same one again.
  return operation === 'register' && isClaimed(record, time) ? { do: 'wait' } : wanted
}

/** While others renew, look or publish keys, what is stored can be used; nobody waits for them. */
function waits(wanted: Action, record: RegistrationRecord, { now, goal, isDone }: Situation): boolean {
  if (goal !== 'ensure' && !isDone) return true
  const canUse = wanted.do === 'renew' || wanted.do === 'look' || wanted.do === 'publish-keys'
  const isRenewal = wanted.do === 'replace' && (wanted.because === 'renew' || wanted.because === 'rotate')
  return record.registration === undefined || isExpired(record, now) || !(canUse || isRenewal)
}

/** The client in use, unless its secret has ended or more was asked for. */
function meanwhile(record: RegistrationRecord, s: Situation, hold: Hold | undefined, wanted?: Action): Action {
  const { registration } = record
  const isAsked = s.goal !== 'ensure' && !s.isDone
  if (registration === undefined || isAsked || isExpired(record, s.now)) return { do: 'stop', why: 'left-alone', hold }
  const drifts = wanted !== undefined && !(wanted.do === 'publish-keys')
  return { do: 'use', registration, drift: drifts ? hold?.reason : undefined }
}

function operationOf(wanted: Action): Operation | undefined {
  switch (wanted.do) {
    case 'register':
    case 'replace':
      return 'register'
    case 'update':
    case 'publish-keys':
      return 'update'
    case 'renew':
    case 'look':
      return wanted.do
    default:
      return undefined
  }
}

/** Whether the deletion of a client is announced: whoever would register waits for its end. */
function isClaimed({ previous = [], orphans = [] }: RegistrationRecord, time: Timeline): boolean {
  const marks = [...previous, ...orphans].flatMap(({ claim }) => claim?.mark ?? [])
  return marks.filter((mark) => binds(mark, time.now) && time.binds(mark)).length > 0
}

const finite = (instant: number): number | undefined => (instant === Infinity ? undefined : instant)
