import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import { keysDueAt } from './keys.ts'
import type { RegistrationRecord } from './record.ts'
import type { Visit } from './visit.ts'

/** The registration of a record that leaves nothing to do: it is returned without a request. */
export function good(
  record: RegistrationRecord,
  { declared, options }: Pick<Visit, 'declared' | 'options'>,
): RegistrationResponse | undefined {
  const { state, declaration, registration, renewAt = Infinity } = record
  const is =
    state === 'registered' &&
    declaration?.hash === declared.hash &&
    (declared.generation ?? -Infinity) <= (declaration.generation ?? -Infinity) &&
    platform.now() + (record.clockOffset ?? 0) < Math.min(renewAt, keysDueAt(options.keys, record.keys))
  return is && registration?.client_id ? registration : undefined
}
