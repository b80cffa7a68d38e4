import { RegistrationError } from '../errors.ts'
import { canonical } from '../model/digest.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import { refusedFor } from './budget.ts'
import { compareDeclarations, supersededFor } from './drift.ts'
import { load } from './home.ts'
import type { Keeping } from './keeping.ts'
import { keysDueAt } from './keys.ts'
import { keysAreDue } from './wanted.ts'
import type { Found } from './record.ts'
import { isDue } from './renewal.ts'
import { retire, retirementOf } from './retiring.ts'
import { sleep } from './sleep.ts'
import { changeOrTime } from './waiting.ts'

/** What waiting can't cure. */
const incurable = new Set([
  'invalid-request',
  'policy',
  'deleted',
  'missing',
  'newer-schema',
  'store-corrupt',
  'store-denied',
])

const poll = 5000
const shortest = 1000
const longest = 60_000

/** The registration now, and after every change, whoever made it; renews in time. Ends when the signal aborts. */
export async function* watching(
  k: Keeping,
  ensure: () => Promise<RegistrationResponse>,
  left: AbortSignal = new AbortController().signal,
): AsyncGenerator<RegistrationResponse, void, undefined> {
  let yielded = ''
  let failures = 0
  while (!left.aborted) {
    let until = Infinity
    let found: Found | undefined
    try {
      const registration = await ensure()
      await retire(k)
      const text = canonical(registration)
      if (text !== yielded) {
        yielded = text
        yield registration
      }
      found = await load(k)
      until = found ? nextLook(k, found) : 0
      failures = until === 0 ? failures + 1 : 0
      if (until === 0) until = jittered(failures)
    } catch (error) {
      if (left.aborted) return
      if (!(error instanceof RegistrationError) || incurable.has(error.code)) throw error
      failures++
      until = Math.max(jittered(failures), retryAfter(error))
    }
    await changed(k, found, until, left).catch((error: unknown) => {
      if (!left.aborted) throw error
    })
  }
}

/** Milliseconds until there is something to do although nothing changes; 0: something was left undone. */
function nextLook(k: Keeping, { record }: Found): number {
  if (record.state !== 'registered') return record.state === 'suspect' ? Infinity : 0
  const verdict = compareDeclarations(k, record)
  if (verdict === 'apply' || isDue(k, record) || keysAreDue(k, record)) return refusedFor(k, record)
  const times = (record.previous ?? []).map((it) => retirementOf(k, record, it))
  if (verdict === 'older') times.push(supersededFor(k, record) || Infinity)
  times.push(keysDueAt(k.options.keys, record.keys) - k.clock.now(record))
  if (record.renewAt !== undefined) times.push(record.renewAt - k.clock.now(record))
  return Math.max(1, Math.min(Infinity, ...times))
}

const jittered = (failures: number): number =>
  shortest + platform.random() * Math.min(shortest * 2 ** failures, longest - shortest)

const retryAfter = (error: RegistrationError): number =>
  'retryAfter' in error && typeof error.retryAfter === 'number' ? error.retryAfter : 0

/** Waits until the record is no longer the one that was found, or for that long. */
async function changed(k: Keeping, found: Found | undefined, ms: number, left: AbortSignal): Promise<void> {
  const end = platform.monotonic() + ms
  for (let rest = ms; rest > 0; rest = end - platform.monotonic()) {
    if (found && k.store.changed) return changeOrTime(k, found.version, rest, left)
    await sleep(Math.min(rest, poll * (0.8 + platform.random() * 0.4)), left)
    const now = await load(k).catch(() => found)
    if (now?.version !== found?.version) return
  }
}
