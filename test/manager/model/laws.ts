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
    past.forgotten.has(after.client_id) ||
    past.doomed.has(after.client_id),

  'no deletion is sent for the client in use but by delete()': ({ calls, before, after, deletes }) =>
    startsOver(calls) ||
    calls.some(({ verb }) => verb === 'delete') ||
    // One call may replace a client that the server forgot, and another one that came with it sweeps that.
    deletes.every((id) => id !== after.client_id && (id !== before.client_id || calls.length > 1)),

  'within an epoch revisions grow, and an epoch ends where nothing is stored': ({ before, after }) =>
    before.epoch === '' || (after.epoch === before.epoch && after.revision >= before.revision),

  'whatever waits says until when, and that is no more than a day': ({ after, at }) =>
    after.waiting.every(({ until }) => until > at - slack && until <= at + day),

  'whoever gets an answer agrees with the store': ({ calls, before, after, storeFailed }) =>
    answers(calls).every((registration) =>
      calls.length === 1
        ? isDeepStrictEqual(registration, after.registration) ||
          // A store that saves, says that it did not, and shows nothing afterwards, has what nobody knows.
          (storeFailed && isDeepStrictEqual(registration, before.registration))
        : isMixed(calls) || known(after).has(registration.client_id) || known(before).has(registration.client_id),
    ),

  'what is returned proves the client to the server': ({ calls, clients }, past) =>
    isMixed(calls) ||
    answers(calls).every(
      ({ client_id, client_secret }) =>
        past.forgotten.has(client_id) || past.doomed.has(client_id) || clients.get(client_id)?.secret === client_secret,
    ),

  'a start returns nothing that has expired': ({ calls, at }) =>
    !only(calls, 'ensure') ||
    answers(calls).every(({ client_secret_expires_at: end = 0 }) => end === 0 || end * 1000 > at - 2000),

  'a start posts once at most': ({ calls, posts }) => !only(calls, 'ensure') || posts.length <= 1,

  'three attempts within an hour that came to nothing are enough, and five in all': ({ calls, posts }, past) => {
    if (startsOver(calls)) return true
    // rotate() counts in all of them alone.
    const asked = calls.some(({ verb }) => verb === 'rotate')
    return posts.every(({ at }, index) => {
      const { vain, all } = past.spent(at)
      const before = posts.slice(0, index).filter(({ fate }) => fate !== 'refused')
      const vainNow = before.filter(({ fate }) => fate === 'unknown').length
      return (asked || vain + vainNow < 3) && all + before.length < 5
    })
  },

  'a start with what is in force makes no request': ({ calls, requests }, past) =>
    !(only(calls, 'ensure') && calls[0]?.declares === past.inForce) || requests === 0,

  'what was deleted stays so until somebody starts over': ({ calls, before, after }) =>
    !isEnded(before) ||
    startsOver(calls) ||
    isEnded(after) ||
    // A deletion that is gone on with may find that the client lives.
    (before.state === 'deleting' && calls.some(({ verb }) => verb === 'delete')),

  'a start with what was deleted says so and asks nobody': ({ calls, before, requests, storeFailed }) =>
    !(isEnded(before) && only(calls, 'ensure')) ||
    (requests === 0 &&
      (storeFailed || calls.every(({ how, error }) => how === 'died' || error?.code === before.state))),

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

  'manageable says the truth, as far as anybody could hear of it': ({ after, clients }, past) => {
    const { registration, state, manageable } = after
    if (registration === undefined || state !== 'registered') return true
    const { client_id } = registration
    if ([past.forgotten, past.unfenced, past.unheard, past.doomed].some((them) => them.has(client_id))) return true
    const { token } = clients.get(client_id) ?? {}
    return manageable === (token === registration.registration_access_token)
  },

  'a deletion that succeeds leaves neither client nor secret': ({ calls, before, after, clients, serverFailed }) => {
    if (!(only(calls, 'delete') && calls[0]?.how === 'resolved')) return true
    const isGone = serverFailed || !clients.has(before.client_id ?? '') || known(after).has(before.client_id)
    return after.state === 'deleted' && after.registration === undefined && isGone
  },

  'a rotation brings other credentials': ({ calls, before, after }) =>
    !(only(calls, 'rotate') && calls[0]?.how === 'resolved') ||
    before.registration === undefined ||
    after.client_id !== before.client_id ||
    !isDeepStrictEqual(secretOf(after.registration), secretOf(before.registration)),

  'a read saves what the server says': ({ calls, after, clients }) =>
    !(only(calls, 'read') && calls[0]?.how === 'resolved') ||
    clients.get(after.client_id ?? '')?.token === after.registration?.registration_access_token,

  'starting over leaves what it says': ({ calls, after }) => {
    const [call] = calls
    if (calls.length > 1 || call?.how !== 'resolved') return true
    if (call.verb === 'forget') return after.state === 'absent' && after.registration === undefined
    return call.verb !== 'recover' || (after.state === 'registered' && after.client_id === call.given?.client_id)
  },

  'a sweep leaves nothing that it could delete': (happening, past) => {
    const { calls, after, clients, at } = happening
    if (!only(calls, 'sweep') || !isCalm(happening)) return true
    // While somebody registers, or the server is left alone, or a successor is in doubt, nothing is deleted.
    if (after.intent !== undefined || after.suspect || after.waiting.some((it) => it.for === 'server')) return true
    const orphans = after.listed.filter(({ client_id = '', registration_access_token: token, claim }) => {
      const isKnown = clients.has(client_id) && clients.get(client_id)?.token === token
      return isKnown && claim === undefined && !past.forgotten.has(client_id)
    })
    return orphans.length === 0 && after.previous.every((it) => it.claim !== undefined || at - it.at < overlap)
  },

  'a refused client that the server knows stays until its secret ends, and one that it has forgotten is replaced': (
    happening,
    past,
  ) => {
    const { calls, before, clients, posts, at } = happening
    const [call] = calls
    if (call?.verb !== 'report' || calls.length > 1 || !isCalm(happening) || isEnded(before)) return true
    const { given, registration } = call
    if (given === undefined || before.client_id === undefined) return true
    const isPutOff =
      call.how === 'rejected' && (call.error?.code === 'suspect' || call.error?.code === 'attempts-spent')
    if (isPutOff) return past.mayWait(at) || before.intent !== undefined
    // Whatever is reported, what has ended is renewed: by an update, or by another client.
    if (before.state === 'expired') return clients.has(registration?.client_id ?? '')
    if (given.client_id !== before.client_id) return registration?.client_id === before.client_id && posts.length === 0
    // A proof of life serves further reports for a minute.
    if (happening.requests === 0 && registration?.client_id === given.client_id && at - past.provenAt < 61_000)
      return true
    if (!past.forgotten.has(given.client_id) && !past.doomed.has(given.client_id))
      return (registration?.client_id === given.client_id || before.intent !== undefined) && posts.length <= 1
    return clients.has(registration?.client_id ?? '')
  },
}

/** How a client proves itself, and until when. */
const secretOf = (registration: RegistrationResponse | undefined): unknown => [
  registration?.client_secret,
  registration?.client_secret_expires_at,
]

const day = 24 * 3_600_000
/** Between the moment of a wait and the look at it. */
const slack = 10_000

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
