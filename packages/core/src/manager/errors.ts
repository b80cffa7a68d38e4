import { StateError } from '../../errors.ts'
import type { Context } from '../context.ts'
import type { RegistrationRecord } from '../record/record.ts'
import type { Action, Drift } from './actions.ts'

/** Where a verb stops, and says why, and until when. */
export function stopped(context: Context, record: RegistrationRecord | undefined, action: Action): StateError {
  if (action.do !== 'stop') return missing()
  const { why, hold } = action
  if (why === 'missing') return missing()
  if (why === 'deleted') return deleted()
  if (why === 'deleting') return deleting()
  if (hold?.reason === 'unreachable' && record?.outage?.owner !== context.owner) context.memory.satOut = true
  const wait = Math.max(0, (hold?.until ?? 0) - context.clock.now())
  return leftAlone(hold?.said ?? 'Somebody else is at it.', hold ? wait : 1000)
}

export const leftAlone = (said: string, retryAfter: number): StateError =>
  new StateError('attempts-spent', `The server is left alone for ${Math.ceil(retryAfter / 1000)} s: ${said}`, {
    retryAfter,
  })

export const closed = (): StateError => new StateError('closed', 'This manager was closed; make another one.')

export const missing = (): StateError =>
  new StateError(
    'missing',
    'A registration was expected and the store holds none, so nothing was registered. Restore the store, recover() the client, or drop expectExisting.',
  )

const deleted = (): StateError =>
  new StateError('deleted', 'This registration was deleted on purpose. forget() starts over.')

const deleting = (): StateError =>
  new StateError(
    'deleting',
    'This registration is being deleted, or its deletion did not come to an end. delete() goes on with it, forget() starts over.',
    { retryAfter: 1000 },
  )

/** What a drift comes of, and what helps. */
export function driftMessage(record: RegistrationRecord, drift: Drift): string {
  const { pause, outage, setbacks } = record
  switch (drift) {
    case 'superseded':
      return 'Another declaration is in force; this one is applied when that one has been silent for a while. Number declarations by the option generation, or give each its own registration by the option instance.'
    case 'unmanageable':
      return 'The management token is lost, so the client stays as it is. forget() starts over with another client.'
    case 'server':
      return pause?.said ?? 'The server asked to be left alone.'
    case 'unreachable':
      return outage?.said ?? 'The server could not be reached.'
    case 'busy':
      return 'This process has sent as many requests as it may in a minute, and goes on then.'
    case 'spent':
      return 'As many registrations as are allowed in an hour or a day were sent.'
    default:
      return (
        Object.values(setbacks ?? {}).at(-1)?.said ?? 'What it calls for has failed, and is left alone for a while.'
      )
  }
}

export const slow = (): StateError =>
  new StateError(
    'suspect',
    'Whether the server has forgotten this client was not found out in time. Report it again.',
    {
      retryAfter: 1000,
    },
  )
