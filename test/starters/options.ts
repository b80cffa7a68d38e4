import type { Orphan, RegistrationRequest } from '@registrant/node'
import type { Registrar } from '@registrant/node/testing'

import type { EngineChoice } from './engine.ts'

/** What a starter is started with. */
export interface StarterOptions {
  issuer: string
  registrar: Registrar
  /** One registration per folder: its store. */
  directories: string[]
  /** One store for all of them instead; a folder then only names an instance. */
  engine?: EngineChoice | undefined
  metadata: RegistrationRequest
  generation?: number
  timeout?: number
  lease?: number
  /** It waits for a second line and then reports its client as refused; milliseconds for which the server must deny it. */
  forgetDelay?: number
  /** How often it makes a call that fails, as a service does that is started again. Default: 1 */
  tries?: number
  /** The types of events that it tells as they happen. */
  report: string[]
}

/** A line that a starter tells. */
export type Told =
  | { event: string; directory: string }
  /** `cpu`: milliseconds of the processor's time since the word to go. */
  | { directory: string; client_id: string; state: string; orphans: Orphan[]; cpu: number }
  | { directory: string; failed: string }
