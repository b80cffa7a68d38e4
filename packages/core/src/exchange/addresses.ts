import { PolicyError } from '../server-errors.ts'
import { isLoopback } from '../model/loopback.ts'

/** Where a request goes, for messages and events: without user info, query and fragment, which may hold secrets. */
export function endpointOf(url: string): string {
  const parsed = parseAddress(url)
  return parsed ? parsed.origin + parsed.pathname : '(not an address)'
}

export const parseAddress = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined)

/** TLS, or the loopback interface, where there is nobody on the way. */
export const isSecure = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))

/** Refuses an address that a secret must not go to (RFC 7591 section 5, RFC 7592 section 5: TLS). */
export function requireSecure(url: string, what: string): string {
  const parsed = parseAddress(url)
  if (parsed === undefined || !isSecure(parsed) || parsed.username !== '' || parsed.password !== '') {
    throw new PolicyError(
      `The ${what} must be an https address without user info, or http on the loopback interface; nothing was sent.`,
      { rule: 'insecure-address', outcome: 'not-sent', endpoint: endpointOf(url) },
    )
  }
  return url
}
