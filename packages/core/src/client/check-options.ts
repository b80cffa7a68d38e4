import { InvalidRequestError } from '../errors.ts'
import type { SharedOptions } from './options.ts'

/** An option, and what is wrong with it. */
export type Wrong = readonly [member: string, message: string]

/** Refuses options that can't work, when they are given and not when they are first used. */
export function checkOptions(
  {
    issuer,
    server,
    timeout = 1,
  }: SharedOptions & { issuer?: string | undefined; server?: { issuer: string } | undefined },
  wrong: Wrong[] = [],
): void {
  if ((issuer === undefined) === (server === undefined) || !URL.canParse(issuer ?? server?.issuer ?? ''))
    wrong.push(['issuer', 'Give issuer, an address, or server'])
  if (!(timeout > 0 && timeout < 2 ** 31)) wrong.push(['timeout', 'It must be above 0, below 24 days'])
  refuseOptions(wrong)
}

/** Throws when something is wrong with the options. */
export function refuseOptions(wrong: readonly Wrong[]): void {
  if (wrong.length === 0) return
  throw new InvalidRequestError(
    wrong.map(([member, message]) => ({ member, message, rule: 'option', level: 'MUST', source: 'options' })),
  )
}
