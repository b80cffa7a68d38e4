import { ServerRefusedError } from '../server-errors.ts'
import { load } from './home.ts'
import type { Begun } from './intent.ts'
import { begin, conclude, leaveOpen, mayAct, whileOurs } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { patiently } from './patience.ts'
import type { RegistrationRecord } from './record.ts'
import { change } from './saving.ts'
import { withCredentials } from './setbacks.ts'
import { emptied } from './starting-over.ts'
import { sweep } from './sweeping.ts'
import { Waiting } from './waiting.ts'

/** Deletes the client at the server and leaves a tombstone: what was deleted on purpose is not registered again. */
export async function deleting(k: Keeping, left: AbortSignal): Promise<void> {
  const waiting = new Waiting(k)
  for (;;) {
    left.throwIfAborted()
    const found = await load(k)
    if (found !== undefined && !mayAct(k, found, false)) {
      await waiting.pause(found, left)
      continue
    }
    if (found?.record.state === 'deleted') return
    if (found?.record.registration === undefined) {
      const dead = found?.record.intent?.id
      if (await change(k, (record) => (record.intent?.id === dead ? tombstone(k, record) : undefined), found)) return
      continue
    }
    const begun = await begin(k, found, { operation: 'delete', state: 'deleting', inside: false })
    if (begun === undefined) continue
    if (await deleteAtServer(k, begun)) return
  }
}

/**
 * One read first: only from an address that has just answered do 401 and 404 mean that there is nothing left to delete.
 * `false`: somebody else has changed the record meanwhile.
 */
async function deleteAtServer(k: Keeping, begun: Begun): Promise<boolean> {
  let { registration } = begun.found.record
  if (registration === undefined) return false
  try {
    const hasAnswered = k.options.profile?.cannot?.read === undefined
    if (hasAnswered) {
      const answered = await k.conversation.read(registration)
      registration = answered.value
      const saved = await patiently(() => whileOurs(k, begun, (record) => withCredentials(k, record, answered.value)))
      if (saved === undefined) return false
    }
    await k.conversation.delete(registration).catch((error: unknown) => {
      const isGone = error instanceof ServerRefusedError && (error.status === 401 || error.status === 404)
      if (!(hasAnswered && isGone)) throw error
    })
  } catch (error) {
    await leaveOpen(k, begun)
    throw error
  }
  await patiently(() => conclude(k, begun, (record) => tombstone(k, { ...record, registration: undefined })))
  k.tell({ type: 'deleted', client_id: registration.client_id })
  await sweep(k)
  return true
}

/** All that is left of a record: that it was deleted, and the clients that still have to be. */
const tombstone = (k: Keeping, record: RegistrationRecord): RegistrationRecord => ({
  ...emptied(k, record, 'It was replaced, and not deleted before the registration was.'),
  state: 'deleted',
})
