import { printable } from './errors.ts'
import type { Outcome, StoreError } from './errors.ts'
import type { RegistrationRoute } from './identity/choose-registration.ts'
import type { Deviation, Finding } from './model/http.ts'

/** A client at the server that nobody uses and that could not be deleted yet, or whose identifier is not even known. */
export interface Orphan {
  /** The intent that it came from. */
  intent: string
  /** When it was noticed: ISO 8601, UTC. */
  at: string
  /** Its identifier, if that is known. */
  client_id?: string | undefined
  /** Where it would be deleted, if that is known. */
  registration_client_uri?: string | undefined
  /** Why it is one: a sentence. */
  reason: string
}

/**
 * Something that happened, for logs and metrics; never holds a secret.
 *
 * Each `type` says when it comes, what to do, and which log level suits it. `at` is milliseconds since the epoch, `ms` a
 * duration in whole milliseconds, `application` the manager's; a `reason` is a code, a `message` a sentence for people.
 */
export type RegistrationEvent = { at: number; application?: string | undefined } & (
  | {
      /** A rule has something against a request that is sent all the same. Look at what it names. Level: warn; debug for a `SHOULD`. */
      type: 'finding'
      finding: Finding
    }
  | {
      /** The server did something unlike the specifications, and was understood. Nothing to do. Level: debug. */
      type: 'deviation'
      deviation: Deviation
    }
  | {
      /** A request was answered, or was not. Nothing to do: it feeds metrics and traces. Level: debug. */
      type: 'request'
      /** Of HTTP, such as `POST`. */
      method: string
      /** The address, without its query. */
      endpoint: string
      /** Of the answer; absent where none came. */
      status?: number | undefined
      /** Where no answer came, the code of the error: `transport`, or `aborted` where the caller left. */
      reason?: string | undefined
      /** Where no answer came: whether the server may have acted. */
      outcome?: Outcome | undefined
      /** How long it took. */
      ms: number
    }
  | {
      /** Another starter is at it; told again every five seconds. Nothing to do: `owner` names it. Level: info. */
      type: 'waiting'
      owner: string
      /** How long this one has waited. */
      ms: number
    }
  | {
      /** The store says that somebody is about to register or change the client. Nothing to do. Level: debug. */
      type: 'intent'
      client_id?: string | undefined
    }
  | {
      /** `ensure()` found the registration in order before the manager did anything else; told once. Nothing to do. Level: info. */
      type: 'reused'
      client_id: string
      /** When the client's secret ends: milliseconds since the epoch; absent where it does not. */
      secretExpiresAt?: number | undefined
    }
  | {
      /** There is a new client. Nothing to do. Level: info. */
      type: 'registered'
      client_id?: string | undefined
    }
  | {
      /** The client was brought into the declared form. Nothing to do. Level: info. */
      type: 'updated'
      client_id?: string | undefined
    }
  | {
      /** The credentials were renewed. Nothing to do: `watch()` and `ensure()` give the new ones. Level: info. */
      type: 'renewed'
      client_id?: string | undefined
    }
  | {
      /** The client is deleted: by `delete()`, or because it was replaced `overlap` ago. Nothing to do. Level: info. */
      type: 'deleted'
      client_id?: string | undefined
    }
  | {
      /** The server denied the client, which stays in use until that is proven. Ask the server's operator if it stays. Level: warn. */
      type: 'suspect'
      client_id?: string | undefined
    }
  | {
      /** The management token is lost; the client works. `recover()` with one from the operator, or `forget()`. Level: warn. */
      type: 'unmanageable'
      client_id?: string | undefined
    }
  | {
      /** The client in use is not what is declared. Look at `reason`: a refused declaration needs you, an outage does not. Level: warn. */
      type: 'drift'
      client_id?: string | undefined
      /** A code, such as `superseded`, `refused`, `unreachable` or `store`. */
      reason: string
      message: string
    }
  | {
      /** Credentials that end soon could not be renewed. Act before they end: `status()` says when. Level: error. */
      type: 'renewal-failed'
      client_id?: string | undefined
      /** The code of the error that stopped the renewal, or why it is left alone for a while, such as `failed`. */
      reason: string
      message: string
    }
  | {
      /** It was chosen which client the application is, where it could be another than one that it registers. Nothing to do. Level: info. */
      type: 'chosen'
      route: RegistrationRoute
      reason: string
      client_id?: string | undefined
    }
  | {
      /** Something is allowed and not safe, such as plain http, or what the store may lose. Mend it. Level: warn. */
      type: 'warning'
      /** What it is about, as a code. */
      rule: string
      message: string
    }
  | {
      /** Another client took the place of the old one. Nothing to do; users who granted the old one something are asked again. Level: info. */
      type: 'replaced'
      old: string
      client_id: string
    }
  | {
      /** A client that was not needed, was not what was asked for, or was listed as an orphan is deleted again. Nothing to do. Level: info. */
      type: 'compensated'
      orphan: Orphan
      listed?: boolean | undefined
    }
  | {
      /** A client may be left at the server that nobody uses. `sweep()` deletes what can be reached. Level: warn. */
      type: 'orphan'
      orphan: Orphan
      /** `false`: the record has no room for it, or could not be saved, so this is all that is told of it: write it down. */
      listed?: boolean | undefined
    }
  | {
      /** The store could not be read or written. Do what the documentation of its `code` says. Level: error. */
      type: 'store'
      code: StoreError['code']
    }
)

/** An event before it is told: whoever tells it adds when. */
export type UntimedEvent = OmitAt<RegistrationEvent>

type OmitAt<Event> = Event extends unknown ? Omit<Event, 'at'> : never

/** Tells a listener, which must not be able to break what it listens to, nor by a promise. */
export function tellSafely(
  onEvent: ((event: RegistrationEvent) => unknown) | undefined,
  event: RegistrationEvent,
): void {
  try {
    Promise.resolve(onEvent?.(legible(event))).catch(() => undefined)
  } catch {
    // As it said.
  }
}

/** What may be printed as it is: in each of its texts control, bidi and invisible characters are escaped. */
export function legible<T>(value: T): T {
  const text = JSON.stringify(value)
  // JSON has escaped some of them itself.
  if (printable(text) === text && !/\\[bfnrtu]/.test(text)) return value
  const escaped = (_: string, member: unknown): unknown => (typeof member === 'string' ? printable(member) : member)
  const copy: T = JSON.parse(text, escaped)
  return copy
}

/** An event of a manager, before it is said when that was and of which application. */
export type Told = OmitOrigin<RegistrationEvent>
type OmitOrigin<Event> = Event extends unknown ? Omit<Event, 'at' | 'application'> : never
