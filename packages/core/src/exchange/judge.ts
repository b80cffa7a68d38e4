import { PolicyError, UnexpectedAnswerError } from '../errors.ts'
import type { HttpAnswer } from '../model/http.ts'
import type { Deviation } from '../model/reading.ts'
import { endpointOf } from './addresses.ts'
import type { JsonObject } from './json.ts'
import { isObject, parseJson } from './json.ts'
import type { Judged } from './refusal.ts'
import { refusal } from './refusal.ts'
import { strike } from './secrets.ts'

const keptOfBody = 4096

/** The one place that judges a status: redirects are refused, errors become errors, the rest is a success. */
export function requireSuccess(answer: HttpAnswer, judged: Judged): void {
  const { status } = answer
  // 0 is how a browser reports a redirect that it was told not to follow.
  if (status === 0 || (status >= 300 && status < 400)) {
    throw new PolicyError(
      `The server answered the ${judged.what} with a redirect, which is never followed: a token or a secret would go elsewhere. Use the address that it points to.`,
      { rule: 'redirect', outcome: judged.inDoubt, endpoint: endpointOf(judged.request.url) },
    )
  }
  if (status >= 400) throw refusal(answer, judged)
}

/** The JSON object of a success; a wrong content type is a deviation, anything but an object is an error. */
export function readObject(answer: HttpAnswer, judged: Judged): { object: JsonObject; deviations: Deviation[] } {
  requireSuccess(answer, judged)
  const parsed = parseJson(answer.body)
  if (!isObject(parsed)) throw unexpected(answer, judged, 'is not a JSON object')
  const type = answer.headers.get('content-type') ?? ''
  const deviations: Deviation[] = /[/+]json\b/i.test(type)
    ? []
    : [{ rule: 'content-type', message: 'The answer is JSON, but its content type does not say so.' }]
  return { object: parsed, deviations }
}

/** The error for a success that can't be used; holds what could be read. */
export function unexpected(answer: HttpAnswer, judged: Judged, why: string, cause?: unknown): UnexpectedAnswerError {
  const accepted = judged.inDoubt === 'unknown'
  return new UnexpectedAnswerError(
    `The server answered ${answer.status} to the ${judged.what}, but the answer ${why}.${accepted ? ' It has acted; look there before repeating.' : ''}`,
    {
      status: answer.status,
      body: strike(answer.body, judged.secrets).slice(0, keptOfBody),
      client_id: salvagedClientId(answer.body),
      outcome: accepted ? 'accepted' : judged.inDoubt,
      endpoint: endpointOf(judged.request.url),
      cause,
    },
  )
}

/** The identifier of a client whose registration was cut off or garbled on the way, if it got that far. */
function salvagedClientId(body: string): string | undefined {
  const found = /"client_id"\s{0,9}:\s{0,9}("(?:[^"\\]|\\.){1,512}")/.exec(body)?.[1]
  const parsed = found === undefined ? undefined : parseJson(found)
  return typeof parsed === 'string' ? parsed : undefined
}
