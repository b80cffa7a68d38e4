import { InvalidRequestError } from '../errors.ts'
import type { SharedOptions } from './options.ts'

/** Refuses options that can't work, when they are given and not when they are first used. */
export function checkOptions(
  options: SharedOptions & { issuer?: string | undefined; server?: { issuer: string } | undefined },
): void {
  const { issuer, server, timeout = 1 } = options
  const wrong: [member: string, message: string][] = []
  if ((issuer === undefined) === (server === undefined))
    wrong.push(['issuer', 'Give either issuer, to be discovered, or server, to be used as it is'])
  else if (!URL.canParse(issuer ?? server?.issuer ?? ''))
    wrong.push([server ? 'server.issuer' : 'issuer', 'It must be an absolute address'])
  if (!(timeout > 0 && timeout < 2 ** 31)) wrong.push(['timeout', 'It must be a positive number of milliseconds'])
  refuseOptions(wrong)
}

/** Throws when something is wrong with the options. */
export function refuseOptions(wrong: readonly (readonly [member: string, message: string])[]): void {
  if (wrong.length === 0) return
  throw new InvalidRequestError(
    wrong.map(([member, message]) => ({ member, message, rule: 'option', level: 'MUST', source: 'options' })),
  )
}
