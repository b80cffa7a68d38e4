import { canonical } from '../../model/values.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { hasManagement, isExpired } from '../record/credentials.ts'
import { compareDeclarations, isNoteDue, unknownHash } from '../record/declarations.ts'
import type { RegistrationRecord } from '../record/record.ts'
import { Timeline } from '../record/timeline.ts'
import { isConfirmed } from '../record/setbacks.ts'
import { dueKeys, isByKeys, isRecordOnly } from '../record/managed-keys.ts'
import type { Action, Decision, Situation } from './actions.ts'
import { operationFor, otherRoute, routeTo, tendUnregistered, unlessKept } from './actions.ts'
import type { Asking, Hold } from './patience.ts'
import { isBrief, notBefore } from './patience.ts'

const mostRenewals = 3

/**
 * The whole state machine of the manager, pure: the action that a record calls for, and until when.
 *
 * | record                                         | somebody is at it  | free                         |
 * | ---------------------------------------------- | ------------------ | ---------------------------- |
 * | none                                           | -                  | register, stop: missing      |
 * | no client                                      | wait               | register                     |
 * | no client, an outage ends at once              | -                  | wait                         |
 * | at rest, good                                  | use                | use                          |
 * | another declaration                            | wait, use: drift   | update, replace, use: drift  |
 * | superseded declaration                         | use: drift         | use: drift                   |
 * | another one waits for silence                  | note               | note                         |
 * | lower generation                               | use: drift         | use: drift                   |
 * | higher generation                              | wait               | renumber                     |
 * | secret due                                     | use                | renew, replace               |
 * | secret ended                                   | wait               | renew, replace               |
 * | keys due                                       | use, wait          | publish-keys, replace, use   |
 * | keys due, the server fetches them              | use                | rotate-keys                  |
 * | another key is published                       | use                | use                          |
 * | key lost                                       | wait               | replace                      |
 * | client denied often and long enough            | wait               | replace                      |
 * | credentials denied so                          | use, wait          | renew, replace               |
 * | denied so, and not to be replaced              | wait, use: drift   | update, use: drift           |
 * | rotate() asks                                  | wait               | renew, replace               |
 * | rotate() asks, the server fetches the keys     | wait               | rotate-keys                  |
 * | read() asks                                    | wait               | look                         |
 * | no client, what the server offers is not known | -                  | choose                       |
 * | no client, one that needs no request           | wait               | adopt                        |
 * | no client, no route                            | stop: ask          | stop: ask                    |
 * | registered, another route is preferred         | use                | adopt, choose                |
 * | registered, declared with another route        | use                | adopt                        |
 * | not registered, its route is open              | use                | use                          |
 * | not registered, another declaration            | use                | adopt                        |
 * | not registered, what is offered ages           | use                | choose                       |
 * | not registered, its route is closed            | use                | replace                      |
 * | not registered, rotate(), read() ask           | stop: unregistered | stop: unregistered           |
 * | an update without an answer                    | -                  | look, settle                 |
 * | whether an update was made is not known        | use                | look, use                    |
 * | the token was lost a day ago                   | use, wait          | look                         |
 * | a starter that died                            | -                  | settle                       |
 * | what it calls for is left alone                | wait, use          | stop: left-alone, use: drift |
 * | deleting                                       | stop: deleting     | stop: deleting               |
 * | deleted                                        | stop: deleted      | stop: deleted                |
 */
export function decide(record: RegistrationRecord | undefined, situation: Situation): Decision {
  const time = new Timeline(situation.now)
  return { ...act(record, situation, time), until: time.next }
}

function act(record: RegistrationRecord | undefined, s: Situation, time: Timeline): Action {
  const isNeeded = s.options.expectExisting === true || s.goal === 'read'
  if (record === undefined) return isNeeded ? { do: 'stop', why: 'missing' } : routeTo(s.chosen)
  if (record.deleted) return { do: 'stop', why: 'deleted' }
  if (record.intent?.operation === 'delete') return { do: 'stop', why: 'deleting' }
  const { registration } = record
  if (registration === undefined && s.goal === 'read') return { do: 'stop', why: 'missing' }
  const tended = registration && tend(record, registration, s, time)
  const wanted = tended ? unlessKept(tended, record, s, time) : routeTo(s.chosen)
  const action = allowed(wanted, record, s, time)
  // What a dead starter left behind is written down, also where nothing else can be done now.
  const isLeftOver = s.isFree && record.intent && (action.do === 'use' || action.do === 'stop')
  return isLeftOver ? settling(record, wanted, action) : action
}

/** An update without an answer stays open until the server could be asked about it, and nobody waits for its lease. */
function settling({ intent }: RegistrationRecord, wanted: Action, action: Action): Action {
  const isOpen = wanted.do === 'look' && wanted.after === intent
  return isOpen && intent?.lease === 0 ? action : { do: 'settle', isOpen }
}

/** What a client in use calls for, whoever is at work and whatever is left alone. */
function tend(record: RegistrationRecord, registration: RegistrationResponse, s: Situation, time: Timeline): Action {
  if (record.route !== undefined) return tendUnregistered(record, registration, s, time)
  const { intent, keys, unmanageable } = record
  if (s.goal === 'read' && !s.isDone) return { do: 'look' }
  if (s.lostKey !== undefined && keys?.current.kid === s.lostKey) return { do: 'replace', because: 'key-lost' }
  const other = otherRoute(record, s, time)
  if (other) return other
  const given = giveUp(record, s, time)
  if (given) return given
  if (isToSee(record, s, time)) return { do: 'look' }
  const isUnanswered = intent?.operation === 'update' || intent?.operation === 'renew'
  if (isUnanswered && s.isFree && hasManagement(registration, s.options))
    return unmanageable ? { do: 'settle' } : { do: 'look', after: intent }
  const order = compareDeclarations(record, s.declared, s.overlap, time)
  const due = time.isPast(record.renewAt)
  const isAsked = s.goal === 'rotate' && !s.isDone
  // Where nothing can be updated, the registration that brings another secret brings the declaration too.
  if (order === 'apply' && !((due || isAsked) && unmanageable)) return applyDeclaration(record, registration, s, time)
  if (isAsked && isByKeys(record, s.options) && isRecordOnly(record, s.options)) return { do: 'rotate-keys' }
  if (isAsked) return renewal(record, s, time, 'rotate')
  const mayRenew = s.renewals < mostRenewals
  if (due && mayRenew) return renewal(record, s, time, 'renew')
  if (order === 'older') return { do: 'use', registration, drift: 'superseded' }
  const forKeys = order === 'same' && mayRenew ? dueKeys(record, s.options, time) : undefined
  if (forKeys === 'record') return { do: 'rotate-keys' }
  if (forKeys && !unmanageable)
    return canUpdate(record, s, time) ? { do: 'publish-keys' } : { do: 'replace', because: 'update' }
  if (order === 'same' && record.doubt && !unmanageable)
    return { do: 'look', after: { operation: 'update', declaration: record.doubt } }
  if (order === 'number') return { do: 'renumber' }
  if (!s.hasNoted && isNoteDue(record, s.declared, s.overlap, time)) return { do: 'note' }
  return { do: 'use', registration }
}

/** Whether to look if a token that was lost a day ago works again, unless looks are left alone. */
function isToSee({ unmanageable, ...record }: RegistrationRecord, s: Situation, time: Timeline): boolean {
  if (!unmanageable || time.binds(unmanageable) || !hasManagement(record.registration, s.options)) return false
  return notBefore(record, 'look', askingIn(s), time) === undefined
}

/** The client is to be changed: by an update, or anew where the server can't. */
function applyDeclaration(
  record: RegistrationRecord,
  registration: RegistrationResponse,
  s: Situation,
  time: Timeline,
): Action {
  // The declaration differs only in what the client could be without registering, which the server need not know.
  const { hash = unknownHash, metadata } = record.declaration ?? {}
  if (hash !== unknownHash && canonical(metadata) === canonical(s.declared.metadata))
    return { do: 'adopt', route: 'dynamic' }
  // Whether refresh tokens and consents may go is not ours to decide: forget() would start over.
  if (record.unmanageable && hasManagement(registration, s.options))
    return { do: 'use', registration, drift: 'unmanageable' }
  return canUpdate(record, s, time) ? { do: 'update' } : { do: 'replace', because: 'update' }
}

/** Other credentials are needed: by an update where that brings some, else anew. */
function renewal(record: RegistrationRecord, s: Situation, time: Timeline, because: 'renew' | 'rotate'): Action {
  const mayUpdate = !s.isInVain && record.unmanageable === undefined
  const byUpdate = mayUpdate && canUpdate(record, s, time) && !time.binds(record.renewsNothing)
  return byUpdate ? { do: 'renew' } : { do: 'replace', because }
}

/** The server has proven that it no longer knows the client, or its credentials; these an update may renew in any case. */
function giveUp(record: RegistrationRecord, s: Situation, time: Timeline): Action | undefined {
  if (!isConfirmed(record, s.now, s.forgetDelay)) return undefined
  const isKnown = record.suspicion?.of === 'credentials'
  const action = isKnown ? renewal(record, s, time, 'renew') : undefined
  if (action?.do === 'renew') return action
  return s.options.reregister === false ? undefined : { do: 'replace', because: isKnown ? 'credentials' : 'forgotten' }
}

function canUpdate(record: RegistrationRecord, { options, asking }: Situation, time: Timeline): boolean {
  return (
    hasManagement(record.registration, options) &&
    options.profile?.cannot?.update === undefined &&
    !time.binds(record.cannotUpdate) &&
    !time.binds(asking.own?.cannotUpdate)
  )
}

const askingIn = ({ asking, declared: { hash }, forgetDelay }: Situation): Asking => ({ ...asking, hash, forgetDelay })

/** The wanted action, if nobody is at it and it is not left alone; else what can be done instead. */
function allowed(wanted: Action, record: RegistrationRecord, s: Situation, time: Timeline): Action {
  if (wanted.do === 'stop' || wanted.do === 'use' || wanted.do === 'settle' || wanted.do === 'note') return wanted
  if (!s.isFree) return waits(wanted, record, s) ? { do: 'wait' } : useMeanwhile(record, s, undefined)
  const operation = operationFor(wanted)
  if (operation === undefined) return wanted
  const hold = notBefore(record, operation, { ...askingIn(s), asked: s.goal === 'rotate' }, time)
  const other = hold && instead(record, s, hold, time)
  if (other) return other
  if (hold && isBrief(record, s.asking, hold, s.now)) return { do: 'wait' }
  if (hold) return useMeanwhile(record, s, hold, wanted)
  // Somebody is about to delete a client, and this server may hand out the same one again.
  return operation === 'register' && isClaimed(record, time) ? { do: 'wait' } : wanted
}

/** A client whose secret has ended is replaced where an update of it is left alone: nothing is left to wait for. */
function instead(record: RegistrationRecord, s: Situation, hold: Hold, time: Timeline): Action | undefined {
  const mayHelp = hold.reason === 'failed' || hold.reason === 'refused'
  if (!mayHelp || record.registration === undefined || !isExpired(record, s.now)) return undefined
  const held = notBefore(record, 'register', askingIn(s), time)
  return held ? undefined : { do: 'replace', because: 'renew' }
}

/** While others renew, look or publish keys, what is stored can be used; nobody waits for them. */
function waits(wanted: Action, record: RegistrationRecord, { now, goal, isDone }: Situation): boolean {
  if (goal !== 'ensure' && !isDone) return true
  const canUse = /^(?:renew|look|publish-keys|rotate-keys|choose|adopt)$/.test(wanted.do)
  const isRenewal = wanted.do === 'replace' && /^(?:renew|rotate|route)$/.test(wanted.because)
  return record.registration === undefined || isExpired(record, now) || !(canUse || isRenewal)
}

/** The client in use, unless its secret has ended, its key is gone, it was given up on a report, or more was asked for. */
function useMeanwhile(record: RegistrationRecord, s: Situation, hold: Hold | undefined, wanted?: Action): Action {
  const { registration } = record
  const isAsked = s.goal !== 'ensure' && !s.isDone
  const isLost = wanted?.do === 'replace' && wanted.because === 'key-lost'
  const isOver = isExpired(record, s.now) || isLost || (s.isReported && isConfirmed(record, s.now, s.forgetDelay))
  if (registration === undefined || isAsked || isOver) return { do: 'stop', why: 'left-alone', hold }
  const drifts = wanted !== undefined && !(wanted.do === 'publish-keys')
  const isRenewal = wanted?.do === 'renew' || (wanted?.do === 'replace' && wanted.because === 'renew')
  return { do: 'use', registration, drift: drifts ? hold?.reason : undefined, said: hold?.said, isRenewal }
}

/** Whether the deletion of a client is announced: whoever would register waits for its end. */
function isClaimed({ previous = [], orphans = [] }: RegistrationRecord, time: Timeline): boolean {
  const marks = [...previous, ...orphans].flatMap(({ claim }) => claim?.mark ?? [])
  return marks.filter((mark) => time.binds(mark)).length > 0
}
