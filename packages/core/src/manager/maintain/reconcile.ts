import type { Context, Step, Work } from '../context.ts'
import type { Lost } from '../ensure/actions.ts'
import type { Current, RegistrationRecord } from '../record/record.ts'
import { applied, saveAnswer } from './apply-answer.ts'
import type { AfterUpdate, Seen } from './verdicts.ts'
import { afterUpdate } from './verdicts.ts'
import { lookAt } from './look.ts'
import { saveRenewed } from './renew.ts'
import { settleUpdate, unseen } from './settle.ts'
import { changesTo } from './update.ts'

/**
 * Finds out what became of an update whose answer was lost, by one look: the client goes on living, and where the token is
 * dead it can't be managed any more.
 */
export async function reconcile(context: Context, current: Current, of: Lost, work: Work): Promise<Step> {
  const { found, registration } = current
  const { operation, declaration } = of
  const { inside, signal } = work
  const announced = await context.leases.announce(found, { operation, inside, signal, declaration })
  if (announced === undefined) return 'again'
  const isRenewal = operation === 'renew' || declaration === undefined
  const changes = isRenewal ? {} : changesTo(found.record, declaration.metadata)
  const { seen, answer, error } = await lookAt(context, announced, registration, changes)
  if (answer) {
    if (isRenewal) await saveRenewed(context, announced, answer)
    else if (seen === 'declared') {
      const end = (record: RegistrationRecord): RegistrationRecord =>
        applied(context.moment(), record, answer, declaration)
      if (await saveAnswer(context, announced, answer, end, true))
        context.tell({ type: 'updated', client_id: registration.client_id })
    } else await context.leases.complete(announced, (record) => ({ ...record, doubt: undefined }))
    return 'again'
  }
  const verdict = afterLostUpdate(seen)
  if (verdict === 'rest') {
    // Nobody can look at this server: whoever may applies what it declares.
    await context.leases.complete(announced, (record) => ({
      ...(isRenewal ? record : unseen(record)),
      unanswered: true,
    }))
    return 'again'
  }
  const kind = isRenewal ? 'renew' : 'update'
  return settleUpdate(context, announced, current, { verdict, error, isOpen: true }, kind, true)
}

/** What follows for an update that somebody else began, where a look does not show the client. */
function afterLostUpdate(seen: Seen): AfterUpdate | 'rest' {
  const row = afterUpdate.unknown
  const verdict = typeof row === 'string' ? row : row[seen]
  return verdict === 'back-off' ? 'rest' : verdict
}
