import { RegistrationError } from '@registrant/core'

import { UsageError } from './command.ts'
import { ConfigurationError } from './configured.ts'

/** The exit codes, by what they tell a calling program. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  later: 3,
  store: 4,
  policy: 5,
  refused: 6,
  unknown: 7,
} as const

/** The exit codes after a signal: 128 and its number, as shells have it. */
export const signalCodes = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const

/** What each exit code means, for people. */
export const exitCodeMeanings: readonly (readonly [code: number | string, meaning: string])[] = [
  [exitCodes.done, 'done'],
  [exitCodes.failed, 'something else failed'],
  [exitCodes.usage, 'the call or the configuration is wrong; nothing was done'],
  [exitCodes.later, 'waited in vain, or the server could not be asked; nothing was done: call again later'],
  [exitCodes.store, 'the store failed, or can not be read'],
  [exitCodes.policy, 'refused here, by a rule: what is declared, what the server offers, or the state forbids it'],
  [exitCodes.refused, 'the server refused, or can not do this'],
  [exitCodes.unknown, 'the request left and its outcome is not known: call ensure, which knows what was attempted'],
  ['130, 143 (129, 131)', 'a signal ended it; what had begun was finished'],
]

/** Exit codes by the code of an error; an entry with the outcome, where there is one, is looked up first. */
const byCode: Readonly<Record<string, number>> = {
  'invalid-request': exitCodes.policy,
  policy: exitCodes.policy,
  deleting: exitCodes.policy,
  deleted: exitCodes.policy,
  missing: exitCodes.policy,
  forgotten: exitCodes.policy,
  suspect: exitCodes.later,
  'attempts-spent': exitCodes.later,
  'newer-schema': exitCodes.store,
  'store-unavailable': exitCodes.store,
  'store-corrupt': exitCodes.store,
  'store-denied': exitCodes.store,
  'store-unknown': exitCodes.store,
  'not-managed': exitCodes.refused,
  'no-registration-endpoint': exitCodes.refused,
  unsupported: exitCodes.refused,
  'server-refused': exitCodes.refused,
  'server-refused not-sent': exitCodes.later,
  'unexpected-answer': exitCodes.refused,
  'unexpected-answer accepted': exitCodes.unknown,
  transport: exitCodes.later,
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof ConfigurationError) return exitCodes.usage
  if (!(error instanceof RegistrationError)) return exitCodes.failed
  const { code, outcome } = error
  if (outcome === 'unknown' && !code.startsWith('store-')) return exitCodes.unknown
  return byCode[`${code} ${outcome}`] ?? byCode[code] ?? exitCodes.failed
}
