import { readToken, tokenRequest } from '../../exchange/token.ts'
import type { AccessToken, AuthorizationServer } from '../../model/authorization-server.ts'
import { methodByList } from '../../model/authorization-server.ts'
import { ServerRefusedError } from '../../server-errors.ts'
import { hasCertificate } from '../known-functions.ts'
import type { ClientAuthentication, TokenContext } from '../options.ts'
import { isFilled, refuseOptions } from '../options.ts'

/** The client that pays for a registration: it may ask for an access token for registering. */
export type ClientCredentialsOptions = {
  /** The identifier of that client; not of the client that is being registered. */
  clientId: string
  /** The scope to ask for, space-separated. Default: none is asked for. */
  scope?: string | undefined
  /** The audience of the token, a parameter of some vendors. Default: not sent. */
  audience?: string | undefined
  /** The resources that the token is for, as addresses (RFC 8707). Default: not sent. */
  resource?: string | readonly string[] | undefined
  /** Further parameters of the token request. Default: none. */
  parameters?: Readonly<Record<string, string>> | undefined
} & (
  | {
      /** The secret of that client. */
      clientSecret: string
      /**
       * How the secret travels. Default: `client_secret_basic` (RFC 6749 section 2.3.1), unless the server's metadata list
       * `client_secret_post` and not that.
       */
      authentication?: 'client_secret_post' | 'client_secret_basic' | undefined
    }
  | {
      /** Any other way to authenticate. */
      authentication: ClientAuthentication
    }
)

/**
 * Authenticates by identifier and secret in the form: `client_secret_post` (RFC 6749 section 2.3.1).
 *
 * Both are encoded only as every form is, so try this method where a server mishandles `clientSecretBasic`.
 *
 * @example
 * ```ts
 * import { clientCredentials } from '@registrant/core'
 * import { clientSecretPost } from '@registrant/core/keys'
 *
 * const accessToken = clientCredentials({ clientId: 'registrar', authentication: clientSecretPost('its secret') })
 * ```
 * @throws {InvalidRequestError} at once, when the secret is missing or empty
 * @see [RFC 6749 section 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)
 */
export function clientSecretPost(clientSecret: string): ClientAuthentication {
  requireSecret(clientSecret)
  return ({ clientId }) => ({ form: { client_id: clientId, client_secret: clientSecret } })
}

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
 * @throws {InvalidRequestError} at once, when the secret is missing or empty
 * @see [RFC 6749 section 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)
 */
export function clientSecretBasic(clientSecret: string): ClientAuthentication {
  requireSecret(clientSecret)
  return ({ clientId, profile }) => {
    const encoded = profile?.basicIsDecoded === false ? bytesOf : formEncoded
    return { headers: { authorization: `Basic ${btoa(`${encoded(clientId)}:${encoded(clientSecret)}`)}` } }
  }
}

/** Refuses a missing secret, which would be sent as the text "undefined". */
function requireSecret(clientSecret: unknown): void {
  if (!isFilled(clientSecret)) refuseOptions([['clientSecret', 'It is missing or empty']])
}

/** A text in UTF-8, one character for each byte. */
const bytesOf = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** Gets one token by the client credentials grant (RFC 6749 section 4.4); tries again once where the server wants a nonce. */
export async function tokenByClientCredentials(
  options: ClientCredentialsOptions,
  { server, profile, signal, send, allowHttp }: TokenContext,
): Promise<AccessToken> {
  const { clientId, scope, audience, resource, parameters } = options
  const said = Object.entries({ scope, audience, resource }).filter(([, value]) => value !== undefined)
  const ask = async (): Promise<AccessToken> => {
    const proof = await authenticationOf(options, server)({ clientId, server, profile, signal })
    const form = { ...parameters, grant_type: 'client_credentials', ...Object.fromEntries(said) }
    // For a client with a certificate, `server` names the endpoint: that was decided for all its requests.
    const endpoint = hasCertificate(options.authentication) ? undefined : proof.endpoint
    const request = tokenRequest(server, form, { ...proof, endpoint, allowHttp })
    return readToken(await send(request), { request, profile }).value
  }
  // The nonce is known by now. The whole request is made anew, since an assertion may be used only once.
  return ask().catch((error: unknown) => {
    if (error instanceof ServerRefusedError && error.error === 'use_dpop_nonce') return ask()
    throw error
  })
}

function authenticationOf(options: ClientCredentialsOptions, server: AuthorizationServer): ClientAuthentication {
  const { authentication } = options
  if (typeof authentication === 'function') return authentication
  const { clientSecret } = options
  return (authentication ?? methodByList(server)) === 'client_secret_post'
    ? clientSecretPost(clientSecret)
    : clientSecretBasic(clientSecret)
}
