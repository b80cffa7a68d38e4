import { isDeepStrictEqual } from 'node:util'

import type { RegistrationResponse } from '@registrant/core'

import type { Call, Ended, Happening } from './happening.ts'
import { isEnded, known } from './look.ts'
import { startsOver } from './past.ts'
import type { Past } from './past.ts'
import { overlap } from './program.ts'

/** The promises of the specification: what has happened keeps each of them. */
export const laws: Readonly<Record<string, (happening: Happening, past: Past) => boolean>> = {
  'no client exists that is neither named nor listed, but for one a listed attempt': ({ clients, after }, past) => {
    const unknown = [...clients.keys()].filter((id) => past.made.has(id) && !past.told.has(id) && !known(after).has(id))
    const attempts = after.listed.filter(({ client_id }) => client_id === undefined).length
    const { intent } = after
    const running = intent?.sent === true && (intent.operation === 'register' || intent.operation === 'replace')
    return unknown.length <= attempts + (running ? 1 : 0)
  },

  'the client in use exists, unless the server has forgotten it': ({ clients, after }, past) =>
    isEnded(after) ||
    after.client_id === undefined ||
    clients.has(after.client_id) ||
    past.forgotten.has(after.client_id),

  'whoever gets an answer agrees with the store': ({ calls, before, after }) =>
    answers(calls).every((registration) =>
      calls.length === 1
        ? isDeepStrictEqual(registration, after.registration)
        : isMixed(calls) || known(after).has(registration.client_id) || known(before).has(registration.client_id),
    ),

  'what is returned proves the client to the server': ({ calls, clients }, past) =>
    isMixed(calls) ||
    answers(calls).every(
      ({ client_id, client_secret }) =>
        past.forgotten.has(client_id) || clients.get(client_id)?.secret === client_secret,
    ),

  'a start returns nothing that has expired, unless the server is in doubt about it': ({ calls, after, at }) =>
    !only(calls, 'ensure') ||
    after.state === 'suspect' ||
    answers(calls).every(({ client_secret_expires_at: end = 0 }) => end === 0 || end * 1000 > at - 2000),

  'a start posts once at most': ({ calls, posts }) => !only(calls, 'ensure') || posts.length <= 1,

  'three attempts within an hour that came to nothing are enough': ({ calls, posts }, past) => {
    const events = calls.flatMap(({ told }) => told)
    // A success clears what was counted before it, and when it came is not known here.
    const isCleared = startsOver(calls) || events.some(({ type }) => type === 'updated' || type === 'registered')
    return posts.every(({ at }, index) => {
      const now = posts.slice(0, index).filter(({ fate }) => fate === 'unknown').length
      return (isCleared ? 0 : past.spent(at)) + now < 3
    })
  },

  'a start with what is in force makes no request': ({ calls, requests }, past) =>
    !(only(calls, 'ensure') && calls[0]?.declares === past.inForce) || requests === 0,

  'what was deleted stays so until somebody starts over': ({ calls, before, after }) =>
    !isEnded(before) || startsOver(calls) || isEnded(after),

  'a start with what was deleted says so and asks nobody': ({ calls, before, requests, storeFailed }) =>
    !(isEnded(before) && only(calls, 'ensure')) ||
    (requests === 0 && (storeFailed || calls.every(({ how, error }) => how === 'died' || error?.code === 'deleted'))),

  'a lower generation never replaces a higher one': ({ calls, before, after }) =>
    isEnded(after) || startsOver(calls) || (after.generation ?? -Infinity) >= (before.generation ?? -Infinity),

  'a start succeeds where nothing hinders it': (happening, past) => {
    const { calls, before, at } = happening
    if (!isCalm(happening) || isEnded(before) || isMixed(calls) || happening.impatient) return true
    const leftAlone = past.mayWait(at)
    return calls.every(({ verb, how, error }) => verb !== 'ensure' || how === 'resolved' || excused(leftAlone, error))
  },

  'a status is what is stored, and asks nobody': ({ calls, before, requests }) =>
    !only(calls, 'status') ||
    (requests === 0 &&
      calls.every(
        ({ status }) => status === undefined || (status.client_id === before.client_id && sameState(status, before)),
      )),

  'manageable says the truth': ({ after, clients }, past) => {
    const { registration, state, manageable } = after
    if (registration === undefined || (state !== 'registered' && state !== 'suspect')) return true
    if (past.forgotten.has(registration.client_id) || past.unfenced.has(registration.client_id)) return true
    const { token } = clients.get(registration.client_id) ?? {}
    return manageable === (token === registration.registration_access_token)
  },

  'a deletion that succeeds leaves neither client nor secret': ({ calls, before, after, clients }) =>
    !(only(calls, 'delete') && calls[0]?.how === 'resolved') ||
    (after.state === 'deleted' && after.registration === undefined && !clients.has(before.client_id ?? '')),

  'starting over leaves what it says': ({ calls, after }) => {
    const [call] = calls
    if (calls.length > 1 || call?.how !== 'resolved') return true
    if (call.verb === 'forget') return after.state === 'absent' && after.registration === undefined
    return call.verb !== 'recover' || (after.state === 'registered' && after.client_id === call.given?.client_id)
  },

  'a sweep leaves nothing that it could delete': (happening, past) => {
    const { calls, after, clients, at } = happening
    if (!only(calls, 'sweep') || !isCalm(happening)) return true
    const orphans = after.listed.filter(({ client_id = '', registration_access_token: token }) => {
      return clients.has(client_id) && clients.get(client_id)?.token === token && !past.forgotten.has(client_id)
    })
    return orphans.length === 0 && after.previous.every((it) => at - it.at < overlap)
  },

  'a refused client that the server knows stays, and one that it has forgotten is replaced': (happening, past) => {
    const { calls, before, clients, posts, at } = happening
    const [call] = calls
    if (call?.verb !== 'report' || calls.length > 1 || !isCalm(happening) || isEnded(before)) return true
    const { given, registration } = call
    if (given === undefined || before.client_id === undefined) return true
    if (given.client_id !== before.client_id) return registration?.client_id === before.client_id && posts.length === 0
    if (!past.forgotten.has(given.client_id))
      return (registration?.client_id === given.client_id || before.intent !== undefined) && posts.length <= 1
    const isUnfinished = before.intent !== undefined && call.error?.code === 'suspect'
    if (call.how !== 'resolved') return isUnfinished || excused(past.mayWait(at), call.error)
    return clients.has(registration?.client_id ?? '')
  },
}

const answers = (calls: readonly Ended[]): RegistrationResponse[] =>
  calls.flatMap(({ registration }) => (registration === undefined ? [] : [JSON.parse(JSON.stringify(registration))]))

const only = (calls: readonly Call[], verb: Call['verb']): boolean => calls.length === 1 && calls[0]?.verb === verb

/** Somebody ends the registration, or another one begins, at the same moment. */
const isMixed = (calls: readonly Call[]): boolean =>
  calls.length > 1 && (startsOver(calls) || calls.some(({ verb }) => verb === 'delete'))

const isCalm = ({ calls, serverFailed, storeFailed }: Happening): boolean =>
  !serverFailed && !storeFailed && calls.every(({ how }) => how !== 'died')

const excused = (leftAlone: boolean, error: Ended['error']): boolean => leftAlone && error?.code === 'attempts-spent'

const sameState = (status: { state: string }, before: { state: string }): boolean => status.state === before.state
