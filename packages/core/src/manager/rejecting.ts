import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import { load } from './home.ts'
import type { Keeping } from './keeping.ts'
import type { Aim } from './next.ts'
import { probe } from './probe.ts'
import { change } from './saving.ts'
import { cleared, inDoubt, isConfirmed, nextProbe, observed, suspected } from './suspicion.ts'
import { changeOrTime } from './waiting.ts'

/** The credentials that a server refused. */
export interface Rejected {
  client_id: string
  client_secret?: string | undefined
}

const poll = 5000

/** What to answer somebody whose credentials the server refused: others, the same after a look, or new ones. */
export async function rejecting(
  k: Keeping,
  rejected: Rejected,
  ensure: (aim?: Aim) => Promise<RegistrationResponse>,
  left: AbortSignal,
): Promise<RegistrationResponse> {
  for (let waited = false; ;) {
    left.throwIfAborted()
    const found = await load(k)
    const { registration, state, intent } = found?.record ?? {}
    if (found === undefined || registration === undefined || state === 'deleting') return ensure()
    if (!isSame(registration, rejected)) return registration
    if (intent !== undefined || (state !== 'registered' && state !== 'suspect')) {
      // Somebody is at it: an update, or the registration that replaces this client.
      if (waited) throw inDoubt('an update of it is not finished', 1000)
      waited = true
      await ensure()
      continue
    }
    waited = false
    const doubted = await change(k, (record) => suspected(k, record, registration))
    if (doubted) k.tell({ type: 'suspect', client_id: registration.client_id })
    const { record, version } = doubted ?? found
    if (isConfirmed(k, record)) return ensure({ forgotten: registration.client_id })
    const pause = nextProbe(k, record)
    if (pause > 0) {
      await changeOrTime(k, version, Math.min(pause, poll) + platform.random() * 50, left)
      continue
    }
    const answer = await bear(k, registration, record.suspicion?.last)
    if (answer) return answer
  }
}

/** Asks the server, and notes what it says; the registration if it still knows the client. */
async function bear(
  k: Keeping,
  registration: RegistrationResponse,
  last: number | undefined,
): Promise<RegistrationResponse | undefined> {
  const witness = await probe(k, registration)
  if (witness === 'denied') {
    await change(k, (record) => observed(k, record, registration, last))
    return undefined
  }
  if (witness !== 'alive') throw inDoubt(witness.unable, witness.retryAfter ?? Math.max(1000, k.forgetDelay / 2))
  await change(k, (record) => cleared(record, registration))
  k.tell({
    type: 'deviation',
    deviation: {
      rule: 'rejection-not-confirmed',
      message: 'A refusal was reported, and the server still knows this client: it stays in use.',
    },
  })
  return registration
}

/** Whether these are the stored credentials; a report without a secret is about the client. */
const isSame = (stored: RegistrationResponse, { client_id, client_secret }: Rejected): boolean =>
  stored.client_id === client_id && (client_secret === undefined || stored.client_secret === client_secret)
