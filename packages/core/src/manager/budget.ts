import { PolicyError, ServerRefusedError } from '../server-errors.ts'
import { RegistrationError, StateError } from '../errors.ts'
import { mostAttempts } from './attempts.ts'
import type { Keeping } from './keeping.ts'
import type { RegistrationRecord, StoredRefusal } from './record.ts'

const hour = 3_600_000
const longestWait = 60_000

/**
 * Throws where another registration request would be one too many: three in an hour that ended in nothing, or the
 * server's last refusal of this declaration is too fresh.
 */
export function requireBudget(k: Keeping, record: RegistrationRecord | undefined): void {
  const now = k.clock.now(record)
  const spent = (record?.attempts ?? []).filter((at) => Math.abs(now - at) < hour)
  if (spent.length >= mostAttempts) {
    throw new StateError(
      'attempts-spent',
      `${spent.length} registrations within an hour ended in nothing, so no other is attempted yet: clients may exist at the server that nobody knows. See status().orphans; forget() starts over.`,
      { retryAfter: Math.max(0, Math.min(...spent) + hour - now) },
    )
  }
  requireUnrefused(k, record)
}

/** Throws where the server has refused this declaration a moment ago. */
export function requireUnrefused(k: Keeping, record: RegistrationRecord | undefined): void {
  const left = refusedFor(k, record)
  if (record?.refusal !== undefined && left > 0) {
    throw new StateError(
      'attempts-spent',
      `The server is left alone for ${Math.ceil(left / 1000)} s after its last answer: ${record.refusal.said}`,
      { retryAfter: left },
    )
  }
}

/** Milliseconds for which this declaration is not tried again. */
export function refusedFor(k: Keeping, record: RegistrationRecord | undefined): number {
  if (record?.refusal?.hash !== k.declared.hash) return 0
  const { at, wait } = record.refusal
  const now = k.clock.now(record)
  // A refusal that seems to lie far ahead was noted by a clock that is wrong.
  return Math.abs(now - at) < wait ? at + wait - now : 0
}

/** Notes what a server said when it refused, so that all replicas leave it alone for a while. */
export function refusalOf(k: Keeping, record: RegistrationRecord, error: unknown): StoredRefusal | undefined {
  const refuses =
    (error instanceof ServerRefusedError && (error.outcome === 'refused' || error.retryAfter !== undefined)) ||
    (error instanceof PolicyError && error.outcome !== 'not-sent')
  if (!refuses || !(error instanceof RegistrationError)) return record.refusal
  const { hash } = k.declared
  const count = record.refusal?.hash === hash ? record.refusal.count + 1 : 1
  const asked = error instanceof ServerRefusedError ? error.retryAfter : undefined
  const wait = Math.min(asked ?? Math.min(1000 * 2 ** (count - 1), longestWait), hour)
  const final = error instanceof PolicyError || (error instanceof ServerRefusedError && isFinal(error))
  return { at: k.clock.now(record), wait, count, hash, said: error.message, final }
}

/** The server says that the declaration is wrong, and not that it can't do it now. */
export const isFinal = ({ status }: ServerRefusedError): boolean => status === 400 || status === 422
