import type { PreferredRoute, RegistrationRoute } from '../../identity/choose-registration.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { KeeperOptions } from '../options.ts'
import type { Declaration, Found, Intent } from '../record/record.ts'
import type { Asking, Hold } from './patience.ts'

/** The one thing that a record calls for. */
export type Action =
  | { do: 'use'; registration: RegistrationResponse; drift?: Drift | undefined; isRenewal?: boolean | undefined } // no request
  | { do: 'wait' } // somebody else is at it
  | { do: 'register' } // POST; there is no client to fall back to
  | { do: 'replace'; because: Because } // POST; the old client stays in use until the new one is saved
  | { do: 'update' | 'publish-keys' } // PUT what is declared
  | { do: 'rotate-keys' } // the record alone: another key is published, or one that has been for long enough signs
  | { do: 'renew' } // PUT what is there, to see whether the secret moves
  | { do: 'look'; after?: Lost | undefined } // GET: what became of an update, or whether the token works again
  | { do: 'choose' } // look at the server's metadata: which routes it offers
  | { do: 'adopt'; route: PreferredRoute } // a client that needs no request, or another declaration that needs none
  | { do: 'settle' } // a dead starter's intent that left nothing to ask the server about
  | { do: 'renumber' } // the same declaration under a higher generation
  | { do: 'note' } // the declaration in force is alive, and another one waits for its silence
  | { do: 'stop'; why: Stop; hold?: Hold | undefined }

/** An update of which nobody knows whether it was made. */
export type Lost = Pick<Intent, 'operation' | 'declaration'>

/** What concerns the routes to a client: carried out by code of its own. */
export type OfRoutes = Extract<Action, { do: 'choose' | 'adopt' }> | { do: 'stop'; why: 'ask' | 'unregistered' }

/** Why a client that works is replaced. */
export type Because = 'update' | 'renew' | 'forgotten' | 'credentials' | 'key-lost' | 'rotate' | 'route'
/** Why a client in use is not what is declared, or not renewed. */
export type Drift = 'superseded' | 'unmanageable' | 'store' | Hold['reason']
type Stop = 'missing' | 'deleting' | 'deleted' | 'left-alone' | 'ask' | 'unregistered'

/** What counts beside the record itself; all of it is known without a request. */
export interface Situation {
  /** `rotate`: other credentials are asked for. `read`: the server's word is. */
  goal: 'ensure' | 'rotate' | 'read'
  options: Pick<KeeperOptions, 'profile' | 'expectExisting' | 'keys' | 'reregister'>
  declared: Declaration
  /** Which client this program is; `unknown` until the server's metadata say. Absent: it registers, there is no other route. */
  chosen?: RegistrationRoute | 'unknown' | undefined
  /** The server's time. */
  now: number
  overlap: number
  forgetDelay: number
  /** Nobody else is at work on the record: its lease ran out, or it is a leftover of our own. */
  isFree: boolean
  /** Whose outage it was, and whether another one's was sat out. */
  asking: Pick<Asking, 'owner' | 'hasSatOut' | 'own' | 'busyUntil' | 'token'>
  /** This process has noted a moment ago, by its own clock, that its declaration is in force. */
  hasNoted?: boolean | undefined
  /** The key that the key home no longer has. */
  lostKey?: string | undefined
  /** How often this call has renewed secret or keys: a server whose answers are due at once must not keep it for ever. */
  renewals: number
  /** What the goal asks for was done by this call. */
  isDone: boolean
}

/** An action, and the instant from which on the same record may call for another one. */
export type Decision = Action & { until: number }

/** What a caller wants besides a registration, and what this call has done for it. */
export interface Goal extends Pick<Situation, 'goal' | 'lostKey'> {
  renewals: number
  isDone: boolean
}

export const newGoal = (goal: Situation['goal'] = 'ensure', lostKey?: string): Goal => ({
  goal,
  lostKey,
  renewals: 0,
  isDone: false,
})

/** What one look at the record comes to: a registration, somebody to wait for, or a reason to look again. */
export type Step =
  | {
      registration: RegistrationResponse
      until: number
      /** Why it is not what was asked for: whoever asked for more than the client in use gets this instead. */
      because?: unknown
    }
  | { wait: Found; until: number }
  | 'again'

/** What an operation is carried out with. */
export interface Work {
  /** Aborts when the work was dropped: it sends and saves nothing more. */
  signal: AbortSignal
  /** Aborts when nobody waits for it any more. */
  left: AbortSignal
  /** The store's `exclusive` is held. */
  inside: boolean
  goal: Goal
}

/** A registration, and the instant of the server's time from which on the same record may call for something. */
export interface Ensured {
  registration: RegistrationResponse
  until: number
  /** Something failed, and the client in use is handed out all the same: whoever watches tries again later each time. */
  hasFailed: boolean
}
