import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import type { Context, Step, Work } from '../context.ts'
import { storableAnswer } from '../ensure/answers.ts'
import { isAnswered, meaningOf, meaningOfUpdate, waitOf } from '../ensure/outcomes.ts'
import type { Announced } from '../record/lease.ts'
import type { Candidate, Current, Found, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import type { Look } from './verdicts.ts'
import { afterRepetition, afterUpdate, isNowhere, isOfPayer, isUnheard, seenIn, seenOf } from './verdicts.ts'
import { tellUnmanageable, unlessUnsaved } from './settle.ts'
import { lacksSecret, saveAnswer, withAnswer, withCandidate } from './apply-answer.ts'
import type { Tried } from './failures.ts'
import { pauseAfter, withoutLook } from './failures.ts'

const repeatAfter = 1000

/** Whether a look was denied: a 404 says so only where a read has shown the client at that address before. */
export const isDenied = ({ seen, error }: Look, { shown }: RegistrationRecord): boolean =>
  seen === 'denied' && (shown === 'read' || !isNowhere(error))

/**
 * Reads the client with the stored token, and saves at once the token that a rotation brought. The changes are compared with what
 * is shown. `isAll`: nothing else was announced, so the save of what is shown ends the operation.
 *
 * @throws {StoreError} what was shown could not be saved, and is remembered
 */
export async function lookAt(
  context: Context,
  announced: Announced,
  current: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
  isAll = false,
): Promise<Look> {
  const shown = await read(context, announced, current)
  if ('error' in shown) {
    const { error } = shown
    return { seen: isOfPayer(error, context.options) ? 'nothing' : seenOf(error), error }
  }
  const { answer, value } = shown
  announced.isUnheard = false
  const keep = (record: RegistrationRecord): RegistrationRecord => ({
    ...withAnswer(context.moment(), record, answer),
    shown: 'read',
  })
  const saved = await saveAnswer(context, announced, answer, keep, { goesOn: !isAll })
  if (saved) announced.found = saved
  const { registration } = saved?.record ?? {}
  return {
    seen: seenIn(current, changes, value, answer.registration),
    answer: registration ? { ...answer, registration, from: registration } : answer,
    saved,
  }
}

/** The client as the server shows it, as it came and as it is stored, or the error that came instead. */
async function read(
  context: Context,
  announced: Announced,
  current: RegistrationResponse,
): Promise<{ answer: StoredAnswer; value: RegistrationResponse } | { error: unknown }> {
  const { signal } = announced
  try {
    signal.throwIfAborted()
    const answered = await context.session.read(current, { signal })
    const answer = storable(context, announced, answered, { operation: 'read', current })
    if (context.options.keepSecret === false && lacksSecret(answer.registration, {}))
      context.tell({
        type: 'deviation',
        deviation: {
          member: 'client_secret',
          rule: 'secret-missing',
          message: 'The server says that this client authenticates with a secret, and secrets are not kept here.',
        },
      })
    return { answer, value: answered.value }
  } catch (error) {
    announced.isUnheard ||= isUnheard(error)
    if (meaningOf(error) === 'later') {
      const moment = context.moment()
      context.memory.heed(pauseAfter(moment, announced.found.record, error), moment.now)
    }
    return { error }
  }
}

/** What is stored of an answer. It is about the secret that is kept beside too, unless a read says nothing of the method. */
function storable(
  context: Context,
  { found: { record } }: Announced,
  answered: Parameters<typeof storableAnswer>[1],
  how: Parameters<typeof storableAnswer>[2] & { current: RegistrationResponse },
): StoredAnswer {
  const isUnsaid = how.operation === 'read' && answered.value.token_endpoint_auth_method === undefined
  const aside = isUnsaid ? undefined : record.candidate
  const [value, current] = [withAside(answered.value, aside), withAside(how.current, aside)]
  return { ...storableAnswer(context, { ...answered, value }, { ...how, record, current }), from: how.current }
}

/** Whether the server shows another way of authenticating than is declared. */
export const isOtherMethod = (
  { token_endpoint_auth_method: shown }: RegistrationResponse,
  { token_endpoint_auth_method: declared }: RegistrationRequest,
): boolean => shown !== undefined && declared !== undefined && shown !== declared

/** A secret that nobody has is needed, or a proof of another way than is declared, for which nothing is. */
export const lacksProof = (shown: RegistrationResponse, declared: RegistrationRequest): boolean =>
  lacksSecret(shown, declared) ||
  (isOtherMethod(shown, declared) &&
    !/^(?:none|client_secret_.*)$/.test(shown.token_endpoint_auth_method ?? '') &&
    !Object.keys(declared).some((member) => /^jwks|^tls_client_auth_/.test(member)))

/** The client with the secret that is kept beside it, where it has none. */
export const withAside = (registration: RegistrationResponse, aside: Candidate | undefined): RegistrationResponse =>
  registration.client_secret === undefined && aside?.client_secret ? withCandidate(registration, aside) : registration

/** The transition after a look that did not show the client; `of`: what it was made for. */
export const notingLook = (context: Context, shown: Look, of?: 'delete'): ReturnType<Context['met']> =>
  context.met((record) => withoutLook(context.moment(), record, shown, context.owner, of))

/** The result of a look that was announced for its own sake. */
interface Looked {
  found: Found
  shown: boolean
  isDenied: boolean
  /** No answer came, or the server is in trouble. */
  isDown: boolean
  retryAfter?: number | undefined
}

/** A look at the management address, announced like any other; `undefined` when somebody else was faster. */
export async function lookUnderLease(
  context: Context,
  { found, registration }: Current,
  signal: AbortSignal,
): Promise<Looked | undefined> {
  const announced = await context.leases.announce(found, { operation: 'look', inside: false, signal })
  if (announced === undefined) return undefined
  const shown = await lookAt(context, announced, registration, {}, true)
  const { answer, error, saved } = shown
  const end = meaningOf(error) === 'later' ? notingLook(context, shown) : undefined
  const rests = answer ? saved : await context.leases.complete(announced, end)
  if (rests === undefined) return undefined
  const denies = isDenied(shown, rests.record)
  const isDown = answer === undefined && !isAnswered(error)
  return { found: rests, shown: answer !== undefined, isDenied: denies, isDown, retryAfter: waitOf(error) }
}

/**
 * Sends an update, finds out by a look what became of it where its answer does not say, and repeats it once where that is
 * likely to help. The table is `afterUpdate`.
 */
export async function tryUpdate(
  context: Context,
  announced: Announced,
  registration: RegistrationResponse,
  changes: Changes<RegistrationRequest>,
): Promise<Tried> {
  const { signal, intent } = announced
  const declared = (intent.declaration ?? context.declared).metadata
  let current = registration
  for (let isSecond = false; ; isSecond = true) {
    try {
      signal.throwIfAborted()
      const made = announced.found.record.declaration?.metadata
      const answered = await context.session.update(current, changes, { signal, requested: made })
      return {
        verdict: 'applied',
        answer: storable(context, announced, answered, { operation: 'update', current, before: made, declared }),
      }
    } catch (failure) {
      const meaning = isOfPayer(failure, context.options) ? 'not-sent' : meaningOfUpdate(failure)
      announced.isUnheard ||= isUnheard(failure)
      const after = afterUpdate[meaning]
      if (typeof after === 'string') return { verdict: after, error: failure }
      const isOpen = meaningOf(failure) === 'unknown'
      // A wait that the server named meanwhile, in answer to something else, binds the look as well.
      const isPaused = context.memory.pauseIn(announced.found.record, context.clock.now()) !== undefined
      const seen: Look | undefined = isPaused
        ? { seen: 'nothing' }
        : await lookAt(context, announced, current, changes).catch(unlessUnsaved)
      // What was shown could not be saved. The update failed, and counts; where a look could show it as made, it may be.
      if (seen === undefined)
        return { verdict: 'back-off', error: failure, isOpen: isOpen || after.declared === 'applied' }
      const verdict = after[seen.seen]
      current = seen.answer?.registration ?? current
      const isRepeated = verdict === 'repeat' || verdict === 'repeat-later'
      if (isRepeated && !isSecond) {
        // A call whose time is over leaves it at the first failure, which counts.
        if (verdict === 'repeat-later') await context.clock.sleep(repeatAfter, signal).catch(() => undefined)
        // A process that has taken over by now, or may, does what is left to be done.
        if (!signal.aborted && seen.saved && !context.leases.isOver(announced)) continue
      }
      const final = !isRepeated ? verdict : isSecond ? afterRepetition(verdict, meaning, seen.seen) : 'back-off'
      const error = final === 'outage' ? (seen.error ?? failure) : failure
      return { verdict: final, answer: seen.answer, error, isOpen }
    }
  }
}

/**
 * Asks the server, by a read, and saves what it says (RFC 7592 section 2.1): for `read()`, and once a day for a client
 * whose token was lost.
 */
export async function look(context: Context, current: Current, { inside, signal, goal }: Work): Promise<Step> {
  const { found, registration } = current
  const isAsked = goal.goal === 'read' && !goal.isDone
  const announced = await context.leases.announce(found, { operation: 'look', inside, signal })
  if (announced === undefined) return 'again'
  const shown = await lookAt(context, announced, registration, {}, true)
  const { answer, error, saved } = shown
  if (answer) {
    goal.isDone ||= isAsked
    const isNewest = context.memory.latest?.record.writeId === saved?.record.writeId
    const served = { registration: answer.registration, until: context.clock.now(), found: saved }
    return isAsked && isNewest ? served : 'again'
  }
  tellUnmanageable(context, current, await context.leases.complete(announced, notingLook(context, shown)))
  if (isAsked) throw error
  // The loop goes on without it: what the look came to is written down.
  return 'again'
}
