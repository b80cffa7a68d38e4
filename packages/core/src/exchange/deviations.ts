import type { HttpAnswer } from '../model/http.ts'
import type { Deviation } from '../model/reading.ts'
import type { Interpreted, RegistrationContext } from './interpret.ts'
import { oddities } from './oddities.ts'
import { remarks } from './remarks.ts'
import { secretsOf } from './secrets.ts'
import { shownDeviations } from './shown.ts'

/** Everything in which the answer to a registration deviates and was accepted all the same, fit to be shown. */
export function deviationsOf(
  answer: HttpAnswer,
  interpreted: Interpreted,
  context: RegistrationContext,
  dropped: number,
): Deviation[] {
  const found = [...oddities(answer, dropped), ...interpreted.deviations, ...remarks(answer, interpreted, context)]
  return found.length === 0 ? found : shownDeviations(found, secretsOf(context.request, context.current))
}
