import type { Plan, Verb } from './plan.ts'
import type { SimulatedProcess } from './process.ts'
import type { ScriptedServer } from './server.ts'
import type { SimulatedStore } from './store.ts'

/** What a request is about. */
export type Endpoint = 'discovery' | 'register' | 'manage' | 'token' | 'other'

/** One request, from its leaving to its answer's arrival. */
export interface SentRequest {
  number: number
  process: SimulatedProcess
  method: string
  endpoint: Endpoint
  /** The client that a management request is about. */
  client_id: string | undefined
  /** The management token that it was sent with. */
  token?: string | undefined
  at: number
  /** The sender's clocks, and what it could take the server's time to be. */
  monotonic: number
  wall: number
  serverTime: number
  /** The stored text when it left, on its sender's side of a fork. */
  stored: string | undefined
  arrivedAt: number | undefined
  /** The network brought it to the server twice. */
  isDoubled: boolean
  /** What the server answered, if it did. */
  status: number | undefined
  /** Its answer is a fault: this server would not give it by itself. */
  isFaulty: boolean
  /** Its answer is a page of something that stands before the server, which never saw the request. */
  isPage?: boolean
  /** Clients that it made. */
  made: string[]
  /** When a whole answer, or the failure, was there for the sender. */
  answeredAt: number | undefined
  /** The network, or the deadline, kept the answer away. */
  isUnanswered: boolean
  /** The connection was refused: its sender knows that nothing came of it. */
  isRefused?: boolean
  /** Milliseconds that the answer asked to wait. */
  retryAfter: number | undefined
}

/** One call of a verb, from its beginning to its end. */
export interface Call {
  number: number
  process: SimulatedProcess
  /** Which manager of the process. */
  manager: number
  verb: Verb
  at: number
  monotonic: number
  stood: number
  endedAt: number | undefined
  /** What its process could take the server's time to be when it ended, in milliseconds since the epoch. */
  serverTime: number
  /** What was stored when it began, as its process would have read it. */
  stored: string | undefined
  /** Which declaration its process has. */
  declaration: number
  /** What it resolved to: a registration, or anything. */
  value: unknown
  /** The code of what it threw. */
  code: string | undefined
  retryAfter: number | undefined
  /** The credentials that it reported. */
  rejected: Credentials | undefined
  /** They were reported although the server accepts them. */
  isFalse: boolean
  /** Its signal had aborted before. */
  leftBefore: boolean
  leftAt: number | undefined
  /** What a watch has yielded, and when. */
  yielded: { at: number; value: unknown }[]
}

export interface Credentials {
  client_id: string
  client_secret?: string | undefined
  registration_access_token?: string | undefined
  client_secret_expires_at?: number | undefined
}

/** Something that was shown to somebody: an event, an error, a status. */
export interface Shown {
  at: number
  process: SimulatedProcess
  what: 'event' | 'error' | 'status'
  type: string
  client_id: string | undefined
  text: string
}

/** Something that befell the world. */
export interface Befallen {
  at: number
  what: string
  process: SimulatedProcess | undefined
  client_id?: string | undefined
}

/** Everything that happened in a world, as seen from outside the managers. */
export interface History {
  plan: Plan
  server: ScriptedServer
  store: SimulatedStore
  processes: SimulatedProcess[]
  requests: SentRequest[]
  calls: Call[]
  shown: Shown[]
  befallen: Befallen[]
  /** When everything was mended. */
  mendedAt: number
  endedAt: number
  /** More happened than a world may take. */
  isExhausted: boolean
  /** What was found when the world had been healthy for a while; I5 reads it. */
  rest: Rest
  /** How often each fault struck. */
  struck: Record<string, number>
  /** How often each fault struck at each step of the record. */
  met: Record<string, number>
  choices: number
}

/** How things were five minutes after everything was mended, and when all waits that were told of had passed. */
export interface Rest {
  /** Calls that had not ended after five minutes. */
  hanging: Call[]
  /** What the record was still at, if it did not rest. */
  unrest: string | undefined
  /** Why the client in use is not what is declared, or does not work. */
  wrong: string | undefined
  /** Why `wrong` counts for nothing. */
  excuse: string | undefined
}
