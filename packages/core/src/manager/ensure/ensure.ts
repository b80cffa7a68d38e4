import type { Context, Ensured, Goal, Signals, Step, Work } from '../context.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { load } from '../maintain/load.ts'
import type { Found, Intent, RegistrationRecord } from '../record/record.ts'
import { deleted, deleting, leftAlone, missing, nothingToRead, unsavedAnswer } from '../errors.ts'
import type { Action, Decision, OfRoutes, Situation } from './actions.ts'
import { driftMessage, isNoteAlone, mostPerOperation } from './actions.ts'
import { decide } from './decide.ts'
import { outlivesStore, waitOf } from './outcomes.ts'
import { register } from './register.ts'
import { Wait } from './wait.ts'

/** Looks at the record and does what it calls for, until there is a registration. */
export async function ensure(context: Context, { left, dropped }: Signals, goal: Goal): Promise<Ensured> {
  const waiting = new Wait(context)
  const work: Work = { signal: dropped, left, goal, inside: false }
  for (let round = 0; ; round++) {
    left.throwIfAborted()
    const step = await enter(context, waiting, work)
    if (step === 'again') await context.records.pause(round, left)
    else if ('wait' in step) await waiting.pause(step.wait, waitFor(context, step), left)
    else {
      const { registration, until, found, because } = step
      return { registration, until, writeId: found?.record.writeId, hasFailed: because !== undefined }
    }
  }
}

/** Saves the answers that could not be saved before. */
export async function saveRemembered({ records }: Context, { left }: Signals): Promise<void> {
  const found = await records.load(left)
  if (found) await records.saveRemembered(found)
}

/** The server's metadata. Where the server asked to be left alone instead of sending them, nobody asks before. */
export async function serverMetadata(
  context: Context,
  ...call: Parameters<Context['session']['discover']>
): ReturnType<Context['session']['discover']> {
  context.memory.requireQuietOver?.()
  return context.session.discover(...call).catch(async (error: unknown) => {
    if (waitOf(error) !== undefined) (await load()).heedRefusal(context, error)
    throw error
  })
}

/** Ends the lease of an intent whose owner goes: it hinders nobody any more. */
export const letGo = ({ records }: Context, { id }: Intent): Promise<Found | undefined> =>
  records.modify((record) =>
    record.intent?.id === id ? { ...record, intent: { ...record.intent, lease: 0 } } : undefined,
  )

/** Milliseconds until the lease of the record's intent is over; where none is in force, until what the record waits for is over. */
function waitFor({ leases, clock }: Context, { wait: { record }, until }: { wait: Found; until: number }): number {
  const left = leases.left(record)
  return left > 0 ? left : until - clock.now()
}

/** Takes the next step, inside the store's `exclusive` where it has one: getting in proves that the last holder is gone. */
async function enter(context: Context, waiting: Wait, work: Work): Promise<Step> {
  const { left, goal } = work
  if (context.store.exclusive === undefined) return next(context, work)
  const found = await context.records.load(left)
  const chosen = mayChoose(context, found) ? await chosenFor(context, found) : undefined
  const first = decideFor(context, found, goal, false, chosen)
  if (first.do === 'use') return next(context, work, found)
  const other = found && !context.leases.isFree(found, false) ? found : undefined
  return waiting.enter(other, left, (inside) => next(context, { ...work, inside }))
}

/** Whether there could be another client than one that is registered. */
const mayChoose = ({ options }: Context, found: Found | undefined): boolean =>
  (options.preRegistered ?? options.metadataDocument ?? found?.record.route) !== undefined

const chosenFor = async (context: Context, found: Found | undefined): Promise<Situation['chosen']> =>
  (await loadIdentity()).chosenRoute(context, found?.record)

const decideFor = (
  context: Context,
  found: Found | undefined,
  goal: Goal,
  inside: boolean,
  chosen: Situation['chosen'],
): Decision => {
  const { options, declared, clock, overlap, forgetDelay, owner, memory } = context
  const now = clock.now()
  const rest = context.restFor(mostPerOperation)
  return decide(found?.record, {
    ...goal,
    chosen,
    options,
    declared,
    now,
    overlap,
    forgetDelay,
    isFree: found === undefined || context.leases.isFree(found, inside),
    asking: {
      owner,
      hasSatOut: memory.satOut,
      own: memory.own,
      busyUntil: rest > 0 ? now + rest : undefined,
      token: memory.token,
    },
    hasNoted: clock.monotonic() < memory.notedUntil,
  })
}

/** Loads the record, unless it was just loaded, and does the one thing that it calls for. */
async function next(context: Context, work: Work, loaded?: Found): Promise<Step> {
  const found = loaded ?? (await context.records.load(work.left))
  const { goal } = work
  let action: Decision | undefined
  const take = async (): Promise<Step> => {
    if (found && (await context.records.saveRemembered(found))) return 'again'
    const chosen = mayChoose(context, found) ? await chosenFor(context, found) : undefined
    action = decideFor(context, found, goal, work.inside, chosen)
    return perform(context, found, action, work)
  }
  const step = await take().catch((error: unknown) => {
    // Nobody can prove a client whose key is gone.
    if (goal.lostKey !== undefined) throw error
    return unlessItWorks(context, found, action, error)
  })
  // A call of `rotate()` or `read()` asks for more than the client in use, and is not served with that.
  const isLess = goal.goal !== 'ensure' && !goal.isDone && step !== 'again' && 'registration' in step
  if (isLess && step.because !== undefined) throw step.because
  return step
}

/** Where nothing can be saved, the client in use goes on, unless an answer that waits to be saved gave it other credentials. */
function unlessItWorks(context: Context, found: Found | undefined, action: Action | undefined, failure: unknown): Step {
  const error = context.memory.unsaved.size > 0 ? unsavedAnswer(failure) : failure
  // Another call may have seen a newer one meanwhile.
  const newest = (found && context.memory.latest) ?? found
  const { record } = newest ?? {}
  const mayGoOn = action?.do !== 'register' && record && outlivesStore(record, error, context.clock.now())
  if (!mayGoOn || (action?.do === 'replace' && error.outcome === 'accepted') || !isDurable(context, record)) throw error
  if (record.registration === undefined) throw error
  if (action === undefined || !isNoteAlone(action)) context.tellDrift(record, 'store', error.message)
  return { registration: record.registration, until: context.clock.now(), found: newest, because: error }
}

/** Whether no answer that waits to be saved puts other credentials, or another client, in the place of those in use. */
function isDurable({ memory }: Context, record: RegistrationRecord): boolean {
  const { client_id, client_secret, token_endpoint_auth_method: method } = record.registration ?? {}
  return [...memory.unsaved].every((unsaved) => {
    const then = unsaved(record)
    if (then === undefined || then === 'drop') return true
    const { registration: it } = then
    return (
      it?.client_id === client_id && it?.client_secret === client_secret && it?.token_endpoint_auth_method === method
    )
  })
}

/** Throws why a verb stops, and until when. */
function stop(context: Context, record: RegistrationRecord | undefined, action: Action, { goal }: Goal): never {
  if (action.do !== 'stop') throw missing()
  const { why, hold } = action
  // Where an empty store is an error, ensure() does not register either.
  const isExpected = record === undefined && context.options.expectExisting
  if (why === 'missing') throw goal === 'read' && !isExpected ? nothingToRead() : missing()
  if (why === 'deleted') throw deleted()
  if (why === 'deleting') throw deleting()
  if (hold?.reason === 'unreachable' && record?.outage?.owner !== context.owner) context.memory.satOut = true
  const wait = Math.max(0, (hold?.until ?? 0) - context.clock.now())
  throw leftAlone(hold?.said ?? 'Somebody else is at it.', hold ? wait : 1000)
}

const isOfRoutes = (action: Action): action is OfRoutes =>
  action.do === 'choose' ||
  action.do === 'adopt' ||
  (action.do === 'stop' && (action.why === 'ask' || action.why === 'unregistered'))

async function perform(context: Context, found: Found | undefined, action: Decision, work: Work): Promise<Step> {
  const { until } = action
  if (action.do === 'register') return register(context, found, { ...work, operation: 'register' })
  if (isOfRoutes(action)) return (await loadIdentity()).takeRoute(context, found, action, work)
  if (found === undefined || action.do === 'stop') return stop(context, found?.record, action, work.goal)
  switch (action.do) {
    case 'use':
      if (action.drift === 'unreachable' && found.record.outage?.owner !== context.owner) context.memory.satOut = true
      if (action.drift) {
        const said = driftMessage(found.record, action.drift, action.said)
        context.tellDrift(found.record, action.drift, said, action.isRenewal ? 'renewal-failed' : 'drift')
      }
      return { registration: action.registration, until, found }
    case 'wait':
      return { wait: found, until }
    default: {
      const { maintain } = await load()
      return maintain(context, found, action, work)
    }
  }
}
