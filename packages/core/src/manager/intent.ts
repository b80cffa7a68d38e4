import type { Keeping } from './keeping.ts'
import { load as late } from '../load.ts'
import { platform } from '../platform.ts'
import { shown } from './orphans.ts'
import type { Found, Intent, RegistrationRecord } from './record.ts'
import { blank, change, isBlank, save } from './saving.ts'

/** An operation that this process has announced in the record, and may carry out while the record says so. */
export interface Begun {
  found: Found
  intent: Intent
}

/** What is announced. */
export interface Plan {
  operation: Intent['operation']
  state: RegistrationRecord['state']
  /** The store's `exclusive` is held. */
  inside: boolean
  declaration?: Intent['declaration']
  /** Written down with it, before anybody gets to know them. */
  keys?: RegistrationRecord['keys']
}

/**
 * Announces an operation before its first byte is sent; `undefined` when somebody else was faster. An intent that stands
 * there already belongs to nobody any more (see `mayAct`): what it may have left behind is listed.
 */
export async function begin(k: Keeping, before: Found | undefined, plan: Plan): Promise<Begun | undefined> {
  const record = before?.record ?? blank(k)
  const dead = record.intent && (await late(import('./settling.ts'))).settled(k, record)
  const fresh = dead?.record ?? record
  const intent: Intent = {
    id: platform.randomId(),
    operation: plan.operation,
    owner: k.owner,
    lease: k.lease,
    attempt: (fresh.attempts ?? []).length + 1,
    started: k.clock.now(record),
    exclusive: plan.inside || undefined,
    declaration: plan.declaration,
  }
  const found = await save(k, { ...fresh, keys: plan.keys ?? fresh.keys, state: plan.state, intent }, before)
  if (found === undefined) return undefined
  if (dead?.orphan) k.tell({ type: 'orphan', orphan: shown(dead.orphan) })
  k.tell({ type: 'intent', client_id: record.registration?.client_id })
  return { found, intent }
}

/** Thrown inside an operation when the record no longer announces it: somebody took over, deleted or started over. */
export const overtaken: Error = new Error('The record no longer says that this operation is running.')

/** Notes that the request is about to leave: up to here a starter that dies leaves nothing behind. */
export async function noteSending(k: Keeping, begun: Begun): Promise<void> {
  if (begun.intent.sent) return
  const intent = { ...begun.intent, sent: true }
  const found = await whileOurs(k, begun, (record) => ({ ...record, intent }))
  if (found === undefined) throw overtaken
  Object.assign(begun, { found, intent })
}

/** Ends an operation with the record that comes of it; `undefined` when it is no longer ours to end. */
export const conclude = (
  k: Keeping,
  begun: Begun,
  end: (record: RegistrationRecord) => RegistrationRecord,
): Promise<Found | undefined> => whileOurs(k, begun, (record) => ({ ...end(record), intent: undefined }))

/** Ends an operation without its outcome: whoever comes next looks at the server first, and need not wait. */
export const leaveOpen = (
  k: Keeping,
  begun: Begun,
  end: (record: RegistrationRecord) => RegistrationRecord = (record) => record,
): Promise<Found | undefined> =>
  whileOurs(k, begun, (record) => ({ ...end(record), intent: { ...begun.intent, lease: 0 } }))

/**
 * A step of an operation, saved while the record announces it; `undefined` when it no longer does. A store that has lost
 * the whole record gets it back: nobody else has begun since, and a client may be about to exist.
 */
export const whileOurs = (
  k: Keeping,
  { found, intent }: Begun,
  next: (record: RegistrationRecord) => RegistrationRecord,
): Promise<Found | undefined> =>
  change(
    k,
    (record) => {
      const stored = isBlank(record) ? found.record : record
      return stored.intent?.id === intent.id ? next(stored) : undefined
    },
    found,
  )

/** Whether an intent that stands in the record hinders nobody: its owner is gone, or it is our own leftover. */
export function mayAct(k: Keeping, found: Found, inside: boolean): boolean {
  const { intent } = found.record
  const left = k.observed.left(found)
  return intent === undefined || intent.owner === k.owner || (inside && intent.exclusive === true) || left <= 0
}
