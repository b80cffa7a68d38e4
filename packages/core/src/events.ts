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
  /** Why the client is an orphan: a sentence. */
  reason: string
}

/**
 * Something that happened, for logs and metrics; never holds a secret.
 *
 * The docstring of each `type` says when the event comes, what to do, and which log level suits it. `at` is in milliseconds
 * since the epoch, `ms` is a duration in whole milliseconds, and `application` is the manager's. A `reason` is a code (with
 * `chosen` a sentence), a `message` a sentence for people.
 */
export type RegistrationEvent = { at: number; application?: string | undefined } & (
  | {
      /** A request goes against a rule, and is sent all the same. Look at the finding. Level: warn; debug for a `SHOULD`. */
      type: 'finding'
      finding: Finding
    }
  | {
      /** The server deviated from the specifications, and was understood. Nothing to do. Level: debug. */
      type: 'deviation'
      deviation: Deviation
    }
  | {
      /** A request was answered, or was not. Nothing to do: it feeds metrics and traces. Level: debug. */
      type: 'request'
      /** The HTTP method, such as `POST`. */
      method: string
      /** The address, without its query. */
      endpoint: string
      /** The status of the answer; absent where none came. */
      status?: number | undefined
      /** Where no answer came, the code of the error: `transport`, or `aborted` where the caller left. */
      reason?: string | undefined
      /** Where no answer came: whether the server may have acted. */
      outcome?: Outcome | undefined
      /** How long the request took. */
      ms: number
    }
  | {
      /** Another manager is at work; told again every five seconds. Nothing to do: `owner` names it. Level: info. */
      type: 'waiting'
      owner: string
      /** How long this manager has waited. */
      ms: number
    }
  | {
      /** The manager has noted in the store that it is about to register or change the client. Nothing to do. Level: debug. */
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
      /** The client is deleted: by `delete()`, or because it was replaced and `overlap` is over. Nothing to do. Level: info. */
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
      /** The code of the error that stopped the renewal, or why the renewal waits for a while, such as `failed`. */
      reason: string
      message: string
    }
  | {
      /** The manager chose which client the application is, where it need not register one. Nothing to do. Level: info. */
      type: 'chosen'
      route: RegistrationRoute
      reason: string
      client_id?: string | undefined
    }
  | {
      /** Something is allowed and not safe, such as plain http, or what the store may lose. Mend it. Level: warn. */
      type: 'warning'
      /** What the warning is about, as a code. */
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
      /** `false`: the record has no room for the orphan, or could not be saved. Only this event tells of it: write it down. */
      listed?: boolean | undefined
    }
  | {
      /** The store could not be read or written. Do what the documentation of its `code` says. Level: error. */
      type: 'store'
      code: StoreError['code']
    }
)

/** An event without `at`, which is added when the event is told. */
export type UntimedEvent = OmitAt<RegistrationEvent>

type OmitAt<Event> = Event extends unknown ? Omit<Event, 'at'> : never

/** Tells a listener an event. Whatever the listener throws, or its promise rejects with, is swallowed. */
export function tellSafely(
  onEvent: ((event: RegistrationEvent) => unknown) | undefined,
  event: RegistrationEvent,
): void {
  try {
    Promise.resolve(onEvent?.(legible(event))).catch(() => undefined)
  } catch {
    // Swallowed, as the docstring says.
  }
}

/** A value that may be printed as it is: control, bidi and invisible characters in all its texts are escaped. */
export function legible<T>(value: T): T {
  const text = JSON.stringify(value)
  // `JSON.stringify` has escaped some of these characters itself.
  if (printable(text) === text && !/\\[bfnrtu]/.test(text)) return value
  const escaped = (_: string, member: unknown): unknown => (typeof member === 'string' ? printable(member) : member)
  const copy: T = JSON.parse(text, escaped)
  return copy
}

/** An event of a manager, before `at` and `application` are added. */
export type Told = OmitOrigin<RegistrationEvent>
type OmitOrigin<Event> = Event extends unknown ? Omit<Event, 'at' | 'application'> : never
