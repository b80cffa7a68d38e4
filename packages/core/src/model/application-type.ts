import type { ApplicationType } from './values.ts'

/**
 * What `application_type` redirect URIs make a client (OpenID Connect Dynamic Client Registration 1.0 section 2): `native`
 * when one of them is http on the loopback interface or has a scheme of its own, `web` otherwise, also for none.
 *
 * Nothing calls it by itself: `{ redirect_uris, application_type: applicationTypeOf(redirect_uris) }`.
 *
 * @example
 * ```ts
 * import { applicationTypeOf } from '@registrant/core'
 *
 * applicationTypeOf(['http://127.0.0.1/callback']) // 'native'
 * ```
 * @see [OpenID Connect Dynamic Client Registration 1.0](https://openid.net/specs/openid-connect-registration-1_0.html)
 */
export const applicationTypeOf = (redirectUris: readonly string[]): ApplicationType =>
  redirectUris.some(isNative) ? 'native' : 'web'

function isNative(uri: string): boolean {
  if (!URL.canParse(uri)) return false
  const { protocol, hostname } = new URL(uri)
  return protocol === 'http:' ? isLoopback(hostname) : protocol !== 'https:'
}

/**
 * Whether a host is this machine, where there is nobody on the way. Names under `.localhost` are not taken for it: a
 * resolver may send them anywhere.
 */
export const isLoopback = (hostname: string): boolean => /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname)
