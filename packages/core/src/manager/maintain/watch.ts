import { RegistrationError } from '../../errors.ts'
import { canonical } from '../../model/values.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import { longest } from '../../client/deadline.ts'
import type { Context } from '../context.ts'
import type { Ensured } from '../ensure/actions.ts'
import { backOff } from '../record/timeline.ts'
import { floor, lookEvery, RecordChanges } from './record-changes.ts'
import { deleteReplacedAt, housekeep } from './sweep.ts'

/** What waiting can't cure. */
const incurable = new Set([
  'invalid-request',
  'policy',
  'deleted',
  'missing',
  'newer-schema',
  'store-corrupt',
  'store-denied',
  'closed',
])

/** The registration now, and after every change, whoever made it; renews in time. Ends when the signal aborts. */
export async function* watch(
  context: Context,
  ensure: () => Promise<Ensured>,
  left: AbortSignal,
): AsyncGenerator<RegistrationResponse, void, undefined> {
  const changes = new RecordChanges(context, left)
  let yielded = ''
  let failures = 0
  while (!left.aborted) {
    let ms: number
    try {
      const { registration, until, hasFailed } = await ensure()
      failures = hasFailed ? failures + 1 : 0
      const text = canonical(registration)
      if (text !== yielded) {
        yielded = text
        yield registration
      }
      context.inBackground(() => housekeep(context))
      ms = Math.max(nextWake(context, until), failures === 0 ? 0 : backOff(failures, platform.random()))
    } catch (error) {
      if (left.aborted) return
      if (!(error instanceof RegistrationError) || incurable.has(error.code)) throw error
      failures++
      ms = Math.max(backOff(failures, platform.random()), retryAfter(error))
    }
    await changes.wait(Math.max(floor, ms)).catch((error: unknown) => {
      if (!left.aborted) throw error
    })
  }
}

/** Milliseconds until there is something to do although nothing changes. */
function nextWake(context: Context, until: number): number {
  const { clock, memory } = context
  const now = clock.now()
  const deletions = (memory.latest?.record.previous ?? []).map((it) => deleteReplacedAt(context, it))
  // What is overdue has just been begun, and is looked at again after a while.
  const times = [until, ...deletions.map((at) => (at <= now ? now + lookEvery : at))]
  return Math.min(longest, ...times.map((at) => at - now))
}

const retryAfter = (error: RegistrationError): number =>
  'retryAfter' in error && typeof error.retryAfter === 'number' ? error.retryAfter : 0
