import type { HttpAnswer } from '../model/http.ts'
import { asked } from './asked.ts'
import type { Interpreted, RegistrationContext } from './interpret.ts'
import { interpret } from './interpret.ts'
import type { JsonObject } from './json.ts'
import { isObject, parseJson } from './json.ts'
import type { Widening } from './policy.ts'
import { widening } from './policy.ts'

/** A success as it is understood, and the rule by which it is refused, if it is. */
export interface PlainReading {
  interpreted: Interpreted
  raw: JsonObject
  /** How often members that could reach a prototype were dropped. */
  dropped: number
  refused: Widening | undefined
}

/**
 * What `readRegistration` makes of the registration of a new client, without what is worth saying about it; `undefined`
 * for what it has an error for, which takes more words than a page should have to download.
 */
export function plainReading(
  { status, body, cutOff }: HttpAnswer,
  context: Omit<RegistrationContext, 'current'>,
): PlainReading | undefined {
  if (status < 200 || status >= 300 || cutOff !== undefined) return undefined
  let dropped = 0
  const raw = parseJson(body, () => dropped++)
  const interpreted = isObject(raw) ? interpret(raw, context) : undefined
  if (!isObject(raw) || interpreted === undefined) return undefined
  return { interpreted, raw, dropped, refused: widening(interpreted.value, { sent: asked(context.sent) }) }
}
