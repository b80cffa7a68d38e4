import type { RegistrationResponse } from '../model/registration.ts'
import { good } from './good.ts'
import { isOurs } from './layout.ts'
import type { RegistrationRecord } from './record.ts'
import type { Visit } from './visit.ts'

/**
 * The registration that a returning start can use as it is. Whatever stands in the way is no business of this code:
 * the keeper is loaded then, looks again, and says what is wrong.
 */
export async function returning(visit: Visit): Promise<RegistrationResponse | undefined> {
  try {
    const stored = await visit.options.store.load(visit.key)
    const record: RegistrationRecord | null = JSON.parse(stored?.value ?? 'null')
    return isOurs(record, visit.identity) ? good(record, visit) : undefined
  } catch {
    return undefined
  }
}
