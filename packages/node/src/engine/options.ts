import { InvalidRequestError } from '@registrant/core'

/** An option of a store, whether it can be used, and what it must be. */
type Demand = readonly [member: string, isRight: boolean, message: string]

/**
 * Refuses options that can't work, when they are given and not when they are first used.
 *
 * @throws {InvalidRequestError} `findings` lists all that are wrong
 */
export function demand(...demands: readonly Demand[]): void {
  const wrong = demands.filter(([, isRight]) => !isRight)
  if (wrong.length === 0) return
  throw new InvalidRequestError(
    wrong.map(([member, , message]) => ({ member, message, rule: 'option', level: 'MUST', source: 'options' })),
  )
}

/** Whether a client has a method of this name. */
export const can = (client: unknown, method: string): boolean =>
  typeof Reflect.get(Object(client), method) === 'function'
