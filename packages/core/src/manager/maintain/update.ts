import { sleep } from '../../client/abort.ts'
import type { Answered } from '../../client/context.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import type { Context, Step, Work } from '../context.ts'
import { storableAnswer } from '../ensure/answers.ts'
import { meaningOf } from '../ensure/outcomes.ts'
import { returned } from '../ensure/register.ts'
import { requested } from '../ensure/request.ts'
import { supersede } from '../record/declarations.ts'
import type { Announced } from '../record/lease.ts'
import type { Current, Declaration, RegistrationRecord, StoredAnswer } from '../record/record.ts'
import { applied, lacksSecret, saveAnswer } from './apply-answer.ts'
import type { AfterUpdate } from './verdicts.ts'
import { afterRepetition, afterUpdate } from './verdicts.ts'
import { lookAt } from './look.ts'
import type { Tried } from './settle.ts'
import { settleUpdate } from './settle.ts'

const repeatAfter = 1000

/** Brings the client into the declared form by an update (RFC 7592 section 2.2), or publishes its keys. */
export async function update(
  context: Context,
  current: Current,
  why: 'update' | 'publish-keys',
  work: Work,
): Promise<Step> {
  const { found, registration } = current
  const { declaration, keys } = await requested(context, found.record, { as: 'same' })
  const { inside, signal } = work
  const announced = await context.leases.announce(found, { operation: 'update', inside, signal, declaration, keys })
  if (announced === undefined) return 'again'
  const tried = await tryUpdate(context, announced, registration, changesTo(found.record, declaration.metadata))
  const { verdict, answer } = tried
  if ((verdict === 'applied' || verdict === 'unconfirmed') && !(answer && lacksSecret(context, answer))) {
    await apply(context, announced, declaration, answer, verdict)
    work.goal.renewals++
    return 'again'
  }
  const isKeys = why === 'publish-keys'
  return settleUpdate(
    context,
    announced,
    current,
    { ...tried, verdict: lacking(verdict), isMade: lacking(verdict) !== verdict },
    'update',
    isKeys,
  )
}

/** An update that was made and leaves a client which nobody can use is none: another client is needed. */
const lacking = (verdict: AfterUpdate): AfterUpdate =>
  verdict === 'applied' || verdict === 'unconfirmed' ? 'cannot-update' : verdict

/** The record of an update that was made. */
async function apply(
  context: Context,
  announced: Announced,
  declaration: Declaration,
  answer: StoredAnswer | undefined,
  verdict: AfterUpdate,
): Promise<void> {
  const { record } = announced.found
  const { registration, raw } = record
  const stored = answer ?? (registration && { registration, raw })
  if (stored === undefined) return
  const { client_id } = stored.registration
  const end = (next: RegistrationRecord): RegistrationRecord => applied(context.moment(), next, stored, declaration)
  const saved = await saveAnswer(context, announced, stored, end, true)
  if (saved === undefined) return
  context.memory.succeed('update')
  if (verdict === 'unconfirmed')
    context.tell({
      type: 'deviation',
      deviation: {
        rule: 'update-unconfirmed',
        message: 'The update was sent, and no look can show whether it was made.',
      },
    })
  const kept = keptBy(record.declaration?.metadata, declaration.metadata, stored.registration)
  if (kept.length > 0)
    context.tellDrift(
      record,
      'kept',
      `The update was made, and the server keeps what is no longer declared: ${kept.join(', ')}.`,
    )
  else context.tell({ type: 'updated', client_id })
  if (supersede(record, declaration, context.clock.now()).isReturn) context.tell(returned)
}

/** The members that are no longer declared and that the server still has as they were. */
function keptBy(
  before: RegistrationRequest = {},
  now: RegistrationRequest,
  { ...shown }: RegistrationResponse,
): string[] {
  const declared: Readonly<Record<string, unknown>> = { ...now }
  return Object.entries(before)
    .filter(
      ([member, value]) => declared[member] === undefined && JSON.stringify(shown[member]) === JSON.stringify(value),
    )
    .filter(([member, value]) => value !== undefined && member !== 'jwks')
    .map(([member]) => member)
}

/** What an update changes: everything that is declared, and out with what was declared before and is no more. */
export function changesTo(record: RegistrationRecord, metadata: RegistrationRequest): Changes<RegistrationRequest> {
  const gone = Object.keys(record.declaration?.metadata ?? {}).map((member) => [member, null])
  const declared = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries([...gone, ...declared])
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
  const { signal } = announced
  let current = registration
  for (let isSecond = false; ; isSecond = true) {
    let answered: Answered
    try {
      signal.throwIfAborted()
      const made = announced.found.record.declaration?.metadata
      answered = await context.session.update(current, changes, { signal, requested: made })
      return {
        verdict: 'applied',
        answer: storableAnswer(context, answered, { operation: 'update', current, before: made }),
      }
    } catch (error) {
      const meaning = meaningOf(error)
      const after = afterUpdate[meaning]
      if (typeof after === 'string') return { verdict: after, error }
      const seen = await lookAt(context, announced, current, changes)
      const verdict = after[seen.seen]
      current = seen.answer?.registration ?? current
      const isRepeated = verdict === 'repeat' || verdict === 'repeat-later'
      if (!isRepeated || isSecond) {
        const final = isRepeated ? afterRepetition(verdict, meaning, seen.seen) : verdict
        const isOpen = meaning === 'unknown'
        return {
          verdict: final,
          answer: seen.answer,
          error: final === 'outage' ? (seen.error ?? error) : error,
          isOpen,
        }
      }
      if (verdict === 'repeat-later') await sleep(repeatAfter, signal)
    }
  }
}
