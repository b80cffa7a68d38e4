import type { Identity } from './identity.ts'
import type { RegistrationRecord } from './record.ts'

/** The layout that this release writes. A reader keeps members that it does not know, and refuses a higher number. */
export const schema = 1

/** Whether a text held a record of this identity, in a layout that this release knows. */
export const isOurs = (record: RegistrationRecord | null, identity: Identity): record is RegistrationRecord =>
  record?.schema === schema && !((record.keys?.version ?? 0) > schema) && String(record.identity) === String(identity)
