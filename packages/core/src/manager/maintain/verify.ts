import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context, Rejected } from '../context.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { isExpired } from '../record/credentials.ts'
import { isConfirmed } from '../record/setbacks.ts'
import { nextObservation } from './denials.ts'
import { forgotten, inDoubt, isFresh, isSame, knownAnswer, notYet } from './evidence.ts'
import { bearWitness } from './observe.ts'
import { RecordChanges } from './watch.ts'

/** What `reportRejected()` gets from its manager. */
interface Reporting {
  ensure: (isReported?: boolean) => Promise<RegistrationResponse>
  /** The server's metadata; throws while the server has asked to be left alone. */
  server: Context['session']['discover']
  /** Runs while nothing else of this manager announces anything. */
  inTurn: <T>(task: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** Aborts when nobody waits for the answer. */
  left: AbortSignal
}

/** Milliseconds between two looks at the store: a caller that is refused waits for others, and is in a hurry. */
const betweenLooks = 400
const shortestPause = 250
/** Answers a caller whose credentials the server refused: with others, with the same after a look, or with new ones. */
export async function reportRejected(
  context: Context,
  rejected: Rejected,
  reporting: Reporting,
): Promise<RegistrationResponse> {
  const { left } = reporting
  const end = platform.monotonic() + context.forgetDelay + context.timeout
  const changes = new RecordChanges(context, left, betweenLooks, betweenLooks)
  let [hasRenewed, hasAsked] = [false, false]
  for (;;) {
    left.throwIfAborted()
    const found = await context.records.load(left)
    const { registration, deleted, intent } = found?.record ?? {}
    if (found === undefined || registration === undefined || deleted || intent?.operation === 'delete') {
      const other = await reporting.ensure()
      if (!isSame(other, rejected)) return other
      // The store has shown what is past: the client that is refused is in use.
      if (platform.monotonic() > end) throw inDoubt('the store shows what is past', 1000)
      await changes.wait(shortestPause)
      continue
    }
    const { record } = found
    const now = context.clock.now()
    // A secret that has ended is refused in any case, and no witness is needed for that: another is due at once.
    const isOver = !hasRenewed && record.route === undefined && isExpired(record, now)
    if (!isOver && !isSame(registration, rejected)) return registration
    if (record.route !== undefined)
      return (await loadIdentity()).reportUnregistered(context, record, registration, reporting)
    const pause = nextObservation(record, now, context.forgetDelay) - now
    if (isConfirmed(record, now, context.forgetDelay)) {
      if (context.options.reregister !== false) return replacement(context, rejected, registration, reporting)
      // Nothing is registered; credentials of a client that the server knows may be renewed all the same.
      const other = record.suspicion?.of === 'credentials' ? await reporting.ensure() : registration
      if (!isSame(other, rejected)) return other
      // Without a delay the next question could count at once, and this call has its answer.
      if (pause > 0 || hasAsked) throw forgotten(record.suspicion?.of)
    }
    if (isOver) {
      hasRenewed = true
      const other = await reporting.ensure()
      if (!isSame(other, rejected)) return other
      continue
    }
    const known = knownAnswer(context, registration)
    if (known) return known
    // Another operation at work, such as an update or a look, finds out more than a second question would.
    const busy = context.leases.isFree(found, false) ? 0 : context.leases.left(record)
    if (pause > 0 || busy > 0) {
      const rest = end - platform.monotonic()
      if (pause > rest) throw inDoubt('the server denies it, and has not done so for long', pause)
      await changes.wait(Math.min(Math.max(pause > 0 ? pause : busy, shortestPause), Math.max(rest, shortestPause)))
      if (platform.monotonic() > end) throw inDoubt('somebody else is at it', 1000)
      continue
    }
    hasAsked = true
    // While this call waited for its turn, or for the witnesses, others may have been saved, or the machine may have slept.
    const answer = await reporting.inTurn(async (signal) => {
      if (!inUse(context, registration)) return undefined
      const reported = { found, registration, at: platform.monotonic(), wall: platform.now() }
      const alive = await bearWitness(context, reported, signal)
      return isFresh(reported) ? alive : undefined
    })
    const current = answer && inUse(context, answer)
    if (current) return current
  }
}

/**
 * The registration in use, as this process knows by now, where those are its credentials: a rotation may have brought another
 * management token meanwhile, and a deletion or a start over leaves none.
 */
function inUse({ memory }: Context, known: RegistrationResponse): RegistrationResponse | undefined {
  const { registration } = memory.latest?.record ?? {}
  return registration && isSame(registration, known) ? registration : undefined
}

/** What takes the place of what was given up: never the same client with the same credentials again. */
async function replacement(
  { forgetDelay }: Context,
  rejected: Rejected,
  { token_endpoint_auth_method: method }: RegistrationResponse,
  { ensure }: Reporting,
): Promise<RegistrationResponse> {
  const registration = await ensure(true).catch((error: unknown) => {
    throw notYet(error)
  })
  const isKnown = isSame(registration, rejected) && registration.token_endpoint_auth_method === method
  if (isKnown) throw inDoubt('no other could be registered yet', Math.max(1000, forgetDelay))
  return registration
}
