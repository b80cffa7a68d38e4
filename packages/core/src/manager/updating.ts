import type { Answered } from '../client/context.ts'
import { PolicyError, ServerRefusedError } from '../server-errors.ts'
import { RegistrationError } from '../errors.ts'
import type { Changes, RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import { isFinal, refusalOf, refusedFor, requireUnrefused } from './budget.ts'
import type { Begun } from './intent.ts'
import { begin, conclude, leaveOpen } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { wanted } from './wanted.ts'
import { canUpdate } from './manageable.ts'
import type { RegistrationRecord } from './record.ts'
import { stillWorks } from './renewal.ts'
import { patiently } from './patience.ts'
import { replace } from './replacing.ts'
import { keptOf } from './secrecy.ts'
import type { Current, Step } from './step.ts'
import { drifts } from './step.ts'
import { store } from './storing.ts'
import { unmanageable, withCredentials } from './setbacks.ts'
import { adopted, resting } from './transitions.ts'

/** Brings the client into the declared form: by an update (RFC 7592 section 2.2), or anew where the server can't. */
export async function update(k: Keeping, current: Current, inside: boolean): Promise<Step> {
  const { found, registration } = current
  const { record } = found
  if (record.manageable === false) {
    // Whether refresh tokens and consents may go is not ours to decide: forget() would start over.
    k.tell({ type: 'unmanageable', client_id: registration.client_id })
    return drifts(k, registration)
  }
  if (record.refusal?.final === true) requireUnrefused(k, record)
  if (refusedFor(k, record) > 0) {
    stillWorks(k, current)
    return drifts(k, registration)
  }
  if (!canUpdate(record, k.options)) return replace(k, current, inside, 'update')
  const { declaration, keys } = await wanted(k, record, 'same')
  const plan = { operation: 'update', state: 'updating', inside, declaration, keys } as const
  const begun = await begin(k, found, plan)
  if (begun === undefined) return 'again'
  let answered: Answered
  try {
    answered = await k.conversation.update(registration, changesTo(record, declaration.metadata))
    keptOf(k, answered)
  } catch (error) {
    return failed(k, begun, registration, inside, error)
  }
  const saved = await store(k, begun, answered, (next, kept) => adopted(k, next, kept, declaration))
  if (saved) k.tell({ type: 'updated', client_id: registration.client_id })
  return 'again'
}

/** What an update changes: everything that is declared, and out with what was declared before and is no more. */
export function changesTo(record: RegistrationRecord, metadata: RegistrationRequest): Changes<RegistrationRequest> {
  const gone = Object.keys(record.declaration?.metadata ?? {}).map((member) => [member, null])
  const declared = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries([...gone, ...declared])
}

async function failed(
  k: Keeping,
  begun: Begun,
  registration: RegistrationResponse,
  inside: boolean,
  error: unknown,
): Promise<Step> {
  const noted = (record: RegistrationRecord): RegistrationRecord => ({
    ...record,
    refusal: refusalOf(k, record, error),
  })
  const drifting = (): Step => {
    stillWorks(k, { found: begun.found, registration }, error)
    return drifts(k, registration)
  }
  if (error instanceof ServerRefusedError) {
    const { status } = error
    if (status === 401) {
      await conclude(k, begun, (record) => unmanageable(k, resting(record)))
      return 'again'
    }
    if (status === 405 || status === 501) {
      const rests = await conclude(k, begun, resting)
      return rests ? replace(k, { found: rests, registration }, inside, 'update') : 'again'
    }
    if (status < 500) {
      await conclude(k, begun, (record) => noted(resting(record)))
      if (isFinal(error)) throw error
      return drifting()
    }
  }
  if (error instanceof PolicyError && error.outcome === 'accepted') {
    // The server has acted: what it said of the credentials counts, what it made of the metadata is not used.
    const known = (record: RegistrationRecord): RegistrationRecord =>
      noted(withCredentials(k, resting(record), error.registration))
    await patiently(() => conclude(k, begun, known))
    throw error
  }
  if (error instanceof RegistrationError && error.outcome === 'not-sent') {
    await conclude(k, begun, resting)
    if (error.code === 'invalid-request') throw error
    return drifting()
  }
  await leaveOpen(k, begun, noted)
  return drifting()
}
