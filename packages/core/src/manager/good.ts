import type { RegistrationResponse } from '../model/registration.ts'
import type { Declaration } from './declaration.ts'
import type { RegistrationRecord } from './record.ts'

/** The registration of a record that leaves nothing to do: it is returned without a request. */
export function good(record: RegistrationRecord, declared: Declaration): RegistrationResponse | undefined {
  const { state, declaration, registration, renewAt = Infinity } = record
  const is =
    state === 'registered' &&
    declaration?.hash === declared.hash &&
    (declared.generation ?? -Infinity) <= (declaration.generation ?? -Infinity) &&
    Date.now() + (record.clockOffset ?? 0) < renewAt
  return is ? registration : undefined
}
