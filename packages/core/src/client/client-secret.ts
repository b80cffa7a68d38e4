import type { ClientAuthentication } from './options.ts'

/**
 * Authenticates by identifier and secret in the form: `client_secret_post` (RFC 6749 section 2.3.1).
 *
 * Nothing is encoded but as every form is, so this is what to try where a server mishandles `clientSecretBasic`.
 *
 * @example
 * ```ts
 * import { clientCredentials } from '@registrant/core'
 * import { clientSecretPost } from '@registrant/core/keys'
 *
 * const accessToken = clientCredentials({ clientId: 'registrar', authentication: clientSecretPost('its secret') })
 * ```
 * @see [RFC 6749 section 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)
 */
export const clientSecretPost =
  (clientSecret: string): ClientAuthentication =>
  ({ clientId }) => ({ form: { client_id: clientId, client_secret: clientSecret } })

/**
 * Authenticates by identifier and secret in the `Authorization` header: `client_secret_basic` (RFC 6749 section 2.3.1).
 *
 * Both are form-encoded first, as the section demands, unless the server's profile says that it does not decode them
 * (`basicIsDecoded`).
 *
 * @example
 * ```ts
 * import { clientCredentials } from '@registrant/core'
 * import { clientSecretBasic } from '@registrant/core/keys'
 *
 * const accessToken = clientCredentials({ clientId: 'registrar', authentication: clientSecretBasic('its secret') })
 * ```
 * @see [RFC 6749 section 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)
 */
export const clientSecretBasic =
  (clientSecret: string): ClientAuthentication =>
  ({ clientId, profile }) => {
    const encoded = profile?.basicIsDecoded === false ? bytesOf : formEncoded
    return { headers: { authorization: `Basic ${btoa(`${encoded(clientId)}:${encoded(clientSecret)}`)}` } }
  }

/** As it is, in UTF-8, one character for each byte. */
const bytesOf = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
