import type { HttpAnswer } from '../model/http.ts'
import type { Deviation } from '../model/reading.ts'

/** What is odd about how the JSON object of an answer came. */
export function oddities({ headers, body }: HttpAnswer, dropped: number): Deviation[] {
  const deviations: Deviation[] = []
  const report = (rule: string, message: string): void => void deviations.push({ rule, message })
  for (let times = 0; times < dropped; times++)
    report('unsafe-member', 'A member that could reach a prototype was dropped.')
  if (!/[/+]json\b/i.test(headers.get('content-type') ?? ''))
    report('content-type', 'The answer is JSON, but its content type does not say so.')
  if (body.includes('\uFFFD')) report('encoding', 'The answer holds bytes that are no UTF-8, or lost some on the way.')
  return deviations
}
