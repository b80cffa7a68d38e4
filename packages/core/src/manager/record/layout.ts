import type { Identity, RegistrationRecord } from './record.ts'

/** The layout that this release writes. A reader keeps members that it does not know, and refuses a higher number. */
export const schema = 2

/** Whether a text held a record of this identity, in a layout that this release knows. */
export const isOurs = (record: RegistrationRecord | null, identity: Identity): record is RegistrationRecord =>
  record?.schema === schema && !((record.keys?.version ?? 0) > schema) && String(record.identity) === String(identity)

/** What a store holds, as far as it is JSON. */
export function parse(text: string | undefined): RegistrationRecord | null {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}
