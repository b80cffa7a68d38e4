import { PolicyError, ServerRefusedError, UnexpectedAnswerError } from '../server-errors.ts'
import type { RegistrationError } from '../errors.ts'
import { TransportError } from '../errors.ts'
import type { PlainReading } from '../exchange/plain-reading.ts'
import { plainReading } from '../exchange/plain-reading.ts'
import type { RegistrationContext } from '../exchange/interpret.ts'
import type { HttpAnswer } from '../model/http.ts'
import type { Answered } from './answered.ts'
import { answered } from './answered.ts'
import { ifSoon } from './if-soon.ts'
import type { Line } from './context.ts'

/**
 * Reads the answer to a registration. In what it deviates is worked out only for somebody who listens; what has the words
 * for that, and for everything that is no success, is loaded then. What can be read without it is not lost for its sake.
 */
export async function readAnswer(
  line: Line,
  answer: HttpAnswer,
  told: Pick<RegistrationContext, 'server' | 'request' | 'sent'>,
): Promise<Answered> {
  const { profile, allowedOrigins } = line.options
  const context = { ...told, profile, allowedOrigins }
  const plain = plainReading(answer, context)
  if (plain === undefined || plain.refused !== undefined) {
    const full = await ifSoon(import('../exchange/registration.ts'))
    if (full === undefined) throw unread(answer, plain)
    return answered(line, answer, full.readRegistration(answer, context))
  }
  const { interpreted, raw, dropped } = plain
  const more = line.isHeard ? await ifSoon(import('../exchange/deviations.ts')) : undefined
  const deviations = more?.deviationsOf(answer, interpreted, context, dropped) ?? []
  return answered(line, answer, { value: interpreted.value, created: answer.status === 201, deviations, raw })
}

/** A page that is offline by now: what became of the client is told in short, and never that nothing happened. */
function unread({ status }: HttpAnswer, plain: PlainReading | undefined): RegistrationError {
  const message = `The server answered ${status}, and the code that says more could not be loaded.`
  if (plain?.refused) {
    const { value } = plain.interpreted
    return new PolicyError(message, { rule: plain.refused, registration: value, outcome: 'accepted' })
  }
  if (status >= 400) return new ServerRefusedError(message, { status, outcome: status < 500 ? 'refused' : 'unknown' })
  const isSuccess = status >= 200 && status < 300
  return isSuccess
    ? new UnexpectedAnswerError(message, { status, body: '', outcome: 'accepted' })
    : new TransportError(message, { outcome: 'unknown' })
}
