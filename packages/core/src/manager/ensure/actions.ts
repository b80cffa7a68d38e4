import type { PreferredRoute, RegistrationRoute } from '../../identity/choose-registration.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { KeeperOptions } from '../options.ts'
import type { Declaration, Intent, Operation, RegistrationRecord } from '../record/record.ts'
import type { Timeline } from '../record/timeline.ts'
import { secretEnd } from '../record/credentials.ts'
import { compareDeclarations, isNoteDue } from '../record/declarations.ts'
import { hour } from '../record/mark.ts'
import { isConfirmed } from '../record/setbacks.ts'
import type { Asking, Hold } from './patience.ts'

/** The one thing that a record calls for. */
export type Action =
  | {
      do: 'use'
      registration: RegistrationResponse
      drift?: Drift | undefined
      said?: string | undefined
      isRenewal?: boolean | undefined
    } // no request
  | { do: 'wait' } // somebody else is at it
  | { do: 'register' } // POST; there is no client to fall back to
  | { do: 'replace'; because: Because } // POST; the old client stays in use until the new one is saved
  | { do: 'update' | 'publish-keys' } // PUT what is declared
  | { do: 'rotate-keys' } // the record alone: another key is published, or one that has been for long enough signs
  | { do: 'renew' } // PUT what is there, to see whether the secret moves
  | { do: 'look'; after?: Lost | undefined } // GET: what became of an update, or whether the token works again
  | { do: 'choose' } // look at the server's metadata: which routes it offers
  | { do: 'adopt'; route: PreferredRoute } // a client that needs no request, or another declaration that needs none
  | { do: 'settle'; isOpen?: boolean } // a dead starter's intent that left nothing to ask the server about, or not yet
  | { do: 'renumber' } // the same declaration under a higher generation
  | { do: 'note' } // the declaration in force is alive, and another one waits for its silence
  | { do: 'stop'; why: Stop; hold?: Hold | undefined }

/** An update of which nobody knows whether it was made. */
type Lost = Pick<Intent, 'operation' | 'declaration'>

/** Actions that concern the routes to a client: code of their own carries them out. */
export type OfRoutes = Extract<Action, { do: 'choose' | 'adopt' }> | { do: 'stop'; why: 'ask' | 'unregistered' }

/** Why a client that works is replaced. */
export type Because = 'update' | 'renew' | 'forgotten' | 'credentials' | 'key-lost' | 'rotate' | 'route'
/** Why a client in use is not what is declared, or not renewed. */
export type Drift = 'superseded' | 'unmanageable' | 'forgotten' | 'store' | Hold['reason']
type Stop = 'missing' | 'deleting' | 'deleted' | 'left-alone' | 'ask' | 'unregistered'

/** What counts beside the record itself; all of it is known without a request. */
export interface Situation {
  /** `rotate`: other credentials are asked for. `read`: the server's view of the client is asked for. */
  goal: 'ensure' | 'rotate' | 'read'
  options: Pick<KeeperOptions, 'profile' | 'expectExisting' | 'keys' | 'reregister'>
  declared: Declaration
  /** Which client this program is; `unknown` until the server's metadata say. Absent: it registers, there is no other route. */
  chosen?: RegistrationRoute | 'unknown' | undefined
  /** The server's time. */
  now: number
  overlap: number
  forgetDelay: number
  /** Nobody else is at work on the record: the lease of its intent ran out, or that intent is a leftover of our own. */
  isFree: boolean
  /** Who asks, and what this process knows of what is left alone. */
  asking: Pick<Asking, 'owner' | 'hasSatOut' | 'own' | 'busyUntil' | 'token'>
  /** This process has noted a moment ago, by its own clock, that its declaration is in force. */
  hasNoted?: boolean | undefined
  /** The key that the key home no longer has. */
  lostKey?: string | undefined
  /** A client that was given up is not handed out: its credentials were just reported. */
  isReported?: boolean | undefined
  /** How often this call has renewed secret or keys: a server that issues such as are due at once must not keep it for ever. */
  renewals: number
  /** An update was to bring `rotate()` another secret, and brought none. */
  isInVain?: boolean | undefined
  /** What the goal asks for was done by this call. */
  isDone: boolean
}

/** An action, and the instant from which on the same record may call for another one. */
export type Decision = Action & { until: number }

/** Whether an action writes something down about a client that is what is declared, written down or not. */
export const isNoteAlone = (action: Action): boolean =>
  action.do === 'renumber' || action.do === 'note' || (action.do === 'adopt' && action.route === 'dynamic')

/** A sentence for people: what a drift comes of, and what helps. */
export function driftMessage({ pause, outage }: RegistrationRecord, drift: Drift, said?: string): string {
  switch (drift) {
    case 'superseded':
      return 'Another declaration is in force; unless its generation is higher, or it alone has one, this one is applied when that one has been silent for a while. Number declarations by the option generation, or give each its own registration by the option instance.'
    case 'unmanageable':
      return 'The management token is lost, so the client stays as it is. forget() starts over with another client.'
    case 'forgotten':
      return 'The server denies this client, and reregister is false. forget() starts over.'
    case 'server':
      return pause?.said ?? 'The server asked to be left alone.'
    case 'unreachable':
      return outage?.said ?? 'The server could not be reached.'
    case 'busy':
      return 'This process has sent as many requests as it may in a minute, and goes on then.'
    case 'spent':
      return 'As many registrations as are allowed in an hour or a day were sent.'
    default:
      return said ?? 'What it calls for has failed, and is left alone for a while.'
  }
}

/** The operation that is left alone after this action has failed. */
export function operationFor(wanted: Action): Operation | undefined {
  switch (wanted.do) {
    case 'register':
    case 'replace':
      return 'register'
    case 'update':
    case 'publish-keys':
      return 'update'
    case 'renew':
    case 'look':
    case 'choose':
      return wanted.do
    default:
      return undefined
  }
}

/** A client that is proven to be denied, and not to be replaced, stays until others are asked for or its secret has ended. */
export function unlessKept(wanted: Action, record: RegistrationRecord, s: Situation, time: Timeline): Action {
  const { registration } = record
  const mayStay =
    wanted.do === 'replace' && /^(?:update|renew)$/.test(wanted.because) && (s.goal !== 'rotate' || s.isDone)
  if (!mayStay || s.options.reregister !== false || !registration) return wanted
  if (!isConfirmed(record, s.now, s.forgetDelay) || time.isPast(secretEnd(registration))) return wanted
  // By then nobody may have denied it any more.
  time.isPast(s.now + hour)
  return { do: 'use', registration, drift: 'forgotten', isRenewal: wanted.because === 'renew' }
}

// The rows of `decide` for programs that could be another client than one that they register.

/** The action that leads to a client by the chosen route. */
export function routeTo(chosen: Situation['chosen']): Action {
  if (chosen === undefined || chosen === 'dynamic') return { do: 'register' }
  if (chosen === 'unknown') return { do: 'choose' }
  return chosen === 'ask' ? { do: 'stop', why: 'ask' } : { do: 'adopt', route: chosen }
}

/** The action that leads from the registered client in use to another one, where that is preferred. */
export function otherRoute(record: RegistrationRecord, s: Situation, time: Timeline): Action | undefined {
  const { chosen = 'dynamic', declared, overlap } = s
  const isOther = chosen !== 'dynamic' && compareDeclarations(record, declared, overlap, time) !== 'older'
  return isOther ? routeTo(chosen) : undefined
}

/** What a client that nobody registered here calls for: the server can be asked nothing about it, and can't change it. */
export function tendUnregistered(
  record: RegistrationRecord,
  registration: RegistrationResponse,
  s: Situation,
  time: Timeline,
): Action {
  const order = compareDeclarations(record, s.declared, s.overlap, time)
  const stop = s.goal !== 'ensure' && !s.isDone ? ({ do: 'stop', why: 'unregistered' } as const) : undefined
  if (order === 'older') return stop ?? { do: 'use', registration, drift: 'superseded' }
  const { chosen = 'dynamic' } = s
  if (chosen === 'dynamic') return { do: 'replace', because: 'route' }
  if (chosen !== record.route || order === 'apply') return routeTo(chosen)
  if (stop) return stop
  if (order === 'number') return { do: 'renumber' }
  if (!s.hasNoted && isNoteDue(record, s.declared, s.overlap, time)) return { do: 'note' }
  time.binds(record.offers)
  return { do: 'use', registration }
}

/** A registration or an update, and its repetition. */
export const mostPerOperation = 2
