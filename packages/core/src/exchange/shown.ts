import type { HttpRequest } from '../model/http.ts'
import type { Deviation } from '../model/reading.ts'
import { endpointOf } from './addresses.ts'
import { printable } from './printable.ts'
import { inHeaders } from './secrets.ts'
import { strike } from './redact.ts'

/** Where a request goes, for messages and events. A server may have put the token into the path of its address. */
export const shownEndpoint = ({ url, headers }: Pick<HttpRequest, 'url' | 'headers'>): string =>
  strike(endpointOf(url), inHeaders(headers))

/** Deviations as they may be printed: a server chooses language tags, hosts and names, and may put anything there. */
export function shownDeviations(deviations: readonly Deviation[], secrets: readonly string[]): Deviation[] {
  return deviations.map(({ member, rule, message }) => ({
    ...(member === undefined ? {} : { member: member.includes('#') ? printable(strike(member, secrets)) : member }),
    rule,
    message: strike(message, secrets),
  }))
}
