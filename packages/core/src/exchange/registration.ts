import type { HttpAnswer } from '../model/http.ts'
import type { Reading } from '../model/reading.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { asked } from './asked.ts'
import { carryOver } from './carry-over.ts'
import { deviationsOf } from './deviations.ts'
import type { RegistrationContext } from './interpret.ts'
import { interpret } from './interpret.ts'
import { readObject, unexpected } from './response.ts'
import { widening } from './policy.ts'
import { refusedFor } from './refuse-widened.ts'
import { shownEndpoint } from './shown.ts'

/**
 * Reads the answer to a registration, a read or an update (RFC 7591 section 3.2, RFC 7592 section 3).
 *
 * After a success that names a `client_id` nothing is lost: oddities become deviations, unknown members stay, the
 * management token and address and the secret are carried over from `current` where the answer leaves them out.
 * `client_secret_expires_at` absent means not stated, 0 means never.
 *
 * @throws {ServerRefusedError} the status is 400 or more
 * @throws {UnexpectedAnswerError} a success without a JSON object that names a `client_id`
 * @throws {PolicyError} `redirect`; `client-id-changed`; and, carrying the registration, `redirect-uri-added`,
 *   `authentication-downgraded`, `statement-altered`
 */
export function readRegistration(answer: HttpAnswer, context: RegistrationContext): Reading<RegistrationResponse> {
  const { request, sent, current } = context
  const what = { POST: 'registration', PUT: 'update' }[request.method] ?? 'read of the registration'
  const judged = { request, what, about: current, inDoubt: 'unknown' as const }
  const { object: raw, dropped } = readObject(answer, judged)
  const interpreted = interpret(raw, context, (answered) => carryOver(answered, context))
  if (interpreted === undefined) throw unexpected(answer, judged, 'names no client_id')
  const { value } = interpreted
  const wanted = asked(sent)
  const rule = widening(value, { sent: wanted, current })
  const method = wanted?.token_endpoint_auth_method
  if (rule !== undefined) throw refusedFor(rule, value, { endpoint: shownEndpoint(request), method })
  const deviations = deviationsOf(answer, interpreted, context, dropped)
  return { value, created: answer.status === 201, deviations, raw }
}
