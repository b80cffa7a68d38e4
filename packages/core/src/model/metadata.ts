import type { ClientMetadata } from './client-metadata.ts'
import type { ApplicationType } from './values.ts'

/** The members that may be said in several languages (RFC 7591 section 2.2, OpenID Federation 1.0 section 14). */
export type LocalizableMember =
  | 'client_name'
  | 'client_uri'
  | 'logo_uri'
  | 'tos_uri'
  | 'policy_uri'
  | 'organization_name'
  | 'description'
  | 'keywords'
  | 'information_uri'
  | 'organization_uri'

/**
 * A member in several languages, each under its BCP 47 tag (RFC 7591 section 2.2): `localized('client_name', { fr: 'Commandes' })`
 * is `{ 'client_name#fr': 'Commandes' }`, to be spread into the metadata.
 *
 * Send the member without a tag too, for servers that know no languages.
 *
 * @example
 * ```ts
 * import { localized } from '@registrant/core'
 *
 * const metadata = {
 *   redirect_uris: ['https://app.example/callback'],
 *   client_name: 'Orders',
 *   ...localized('client_name', { fr: 'Commandes' }),
 * }
 * ```
 * @see [RFC 7591 section 2.2](https://www.rfc-editor.org/rfc/rfc7591#section-2.2)
 */
export function localized<
  const Name extends LocalizableMember,
  const Texts extends Readonly<Record<string, NonNullable<ClientMetadata[Name]>>>,
>(member: Name, texts: Texts): { [Tag in keyof Texts & string as `${Name}#${Tag}`]: NonNullable<ClientMetadata[Name]> }
export function localized(member: string, texts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(texts).map(([tag, text]) => [`${member}#${tag}`, text]))
}

/**
 * The `application_type` that redirect URIs need (OpenID Connect Dynamic Client Registration 1.0 section 2): `native` when
 * one of them is http on the loopback interface or has an app's own scheme, `web` otherwise, also for none.
 *
 * No request gets it by itself: declare `{ redirect_uris, application_type: applicationTypeOf(redirect_uris) }`.
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
 * Whether a host is this machine, so that nobody is on the way. Names under `.localhost` are not taken for this machine: a
 * resolver may send them anywhere.
 */
export const isLoopback = (hostname: string): boolean => /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname)
