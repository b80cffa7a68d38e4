import type { HttpAnswer } from '../model/http.ts'
import type { Reading } from '../model/reading.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { Line } from './context.ts'

/** A reading, and the server's clock at that moment, for whoever measures lifetimes. */
export type Answered = Reading<RegistrationResponse> & { date: number | undefined }

/** A reading as it is handed on: its deviations told, with the server's clock. */
export function answered(line: Line, answer: HttpAnswer, reading: Reading<RegistrationResponse>): Answered {
  line.report(reading.deviations)
  return { ...reading, date: Date.parse(answer.headers.get('date') ?? '') || undefined }
}
