import type { Orphan, RegistrationRequest } from '@registrant/node'
import type { Registrar } from '@registrant/node/testing'

import type { EngineChoice } from './engine.ts'

/** What a starter is started with. */
export interface StarterOptions {
  issuer: string
  registrar: Registrar
  /** One registration per folder: its store. */
  directories: string[]
  /** The store of all of them instead; then a folder only names an instance. */
  engine?: EngineChoice | undefined
  metadata: RegistrationRequest
  generation?: number
  timeout?: number
  lease?: number
  /** It waits for a second line and then reports that its client was refused; so long must the server deny it. */
  forgetDelay?: number
  /** How often it calls where something took too long, as a service does that is started again. Default: 1 */
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
