import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Changes, RegistrationResponse, RequestInput } from '../model/registration.ts'
import { openSession } from './load.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import { checkOptions } from './options.ts'
import type { Session } from './session.ts'

/**
 * Speaks the registration protocol with one server (RFC 7591, RFC 7592). It holds no registration: every call resolves to
 * what the server said, which the caller has to keep.
 *
 * The server's metadata and the access token are kept between calls and shared by concurrent ones. The code that sends
 * requests is loaded with the first call.
 *
 * @example
 * ```ts
 * import { RegistrationClient } from '@registrant/core'
 *
 * const client = new RegistrationClient({ issuer: 'https://as.example' })
 * const { client_id } = await client.register({ redirect_uris: ['https://app.example/callback'] })
 * ```
 * @see [RFC 7591 section 3](https://www.rfc-editor.org/rfc/rfc7591#section-3)
 * @see [RFC 7592 section 2](https://www.rfc-editor.org/rfc/rfc7592#section-2)
 */
export class RegistrationClient<Sent extends object = {}, Returned extends object = {}> {
  readonly #options: ClientOptions<Sent, Returned>
  #session: Promise<Session> | undefined

  /** @throws {InvalidRequestError} neither `issuer` nor `server` is given, or an option can't work */
  constructor(options: ClientOptions<Sent, Returned>) {
    this.#options = checkOptions<ClientOptions<Sent, Returned>>(Object(options))
  }

  /**
   * The server's metadata: as it was passed, or discovered (RFC 8414 section 3, OpenID Connect Discovery 1.0) and kept for as
   * long as `max-age` says, from five minutes to a day; an hour where it says nothing.
   *
   * @example
   * ```ts
   * import { RegistrationClient } from '@registrant/core'
   *
   * const client = new RegistrationClient({ issuer: 'https://as.example' })
   * const { registration_endpoint } = await client.discover()
   * ```
   * @throws {InvalidRequestError} the issuer has a query or a fragment; nothing was sent
   * @throws {NotSupportedError} `no-registration-endpoint` when there is no metadata document; lists what was tried
   * @throws {TransportError} `not-sent` when the server can't be reached in time or is in trouble (429, 5xx), or a document
   *   breaks off
   * @throws {ServerRefusedError} `not-sent` when the server asks to be left alone, for `retryAfter`
   * @throws {PolicyError} `issuer-mismatch`, `redirect`, `insecure-address`
   * @see [RFC 8414 section 3](https://www.rfc-editor.org/rfc/rfc8414#section-3)
   */
  async discover(options?: CallOptions): Promise<AuthorizationServer> {
    return (await this.#open()).discover(options)
  }

  /**
   * Registers a new client (RFC 7591 section 3). What the caller set is sent and nothing is added.
   *
   * The request is never repeated blindly: an error with the outcome `unknown` or `accepted` means that a client may exist. It
   * is repeated once with another token, when the server refused the access token, and once at another endpoint, when the
   * server's metadata name one by now. Save the answer before using it: its secrets are not told again.
   *
   * @example
   * ```ts
   * import { RegistrationClient } from '@registrant/core'
   *
   * const client = new RegistrationClient({ issuer: 'https://as.example' })
   * const registration = await client.register({
   *   redirect_uris: ['https://app.example/callback'],
   *   token_endpoint_auth_method: 'client_secret_basic',
   * })
   * ```
   * @throws {InvalidRequestError} the request breaks a rule; nothing was sent
   * @throws {ServerRefusedError} the registration or token endpoint answered 400 or more; from 500 up a client may exist
   * @throws {TransportError} `not-sent`, or `unknown` when the request left and no answer came
   * @throws {UnexpectedAnswerError} `accepted`: a client exists and its answer can't be read; `refused`, `unknown`: an
   *   error or a page came under the status of a success; `not-sent`: the token endpoint's answer can't be read
   * @throws {PolicyError} `redirect`, `insecure-address`, `issuer-mismatch`; carrying the registration:
   *   `redirect-uri-added`, `authentication-downgraded`, `statement-altered`
   * @throws {NotSupportedError} `no-registration-endpoint`; `unsupported` when a token is needed and the server names no
   *   token endpoint
   * @see [RFC 7591 section 3.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.1)
   * @see [RFC 7591 section 3.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2)
   */
  async register(metadata: RequestInput & Sent, options?: CallOptions): Promise<RegistrationResponse & Returned> {
    return this.#typed((await (await this.#open()).register(metadata, options)).value)
  }

  /**
   * Reads a registration (RFC 7592 section 2.1); credentials that the answer leaves out are carried over from `current`.
   *
   * Some servers rotate the management token on a read: save the answer, since the old token may no longer work.
   *
   * @example
   * ```ts
   * import { RegistrationClient } from '@registrant/core'
   *
   * const client = new RegistrationClient({ issuer: 'https://as.example' })
   * const registration = await client.register({ redirect_uris: ['https://app.example/callback'] })
   * const now = await client.read(registration)
   * ```
   * @throws {InvalidRequestError} the issuer has a query or a fragment; nothing was sent
   * @throws {NotSupportedError} `not-managed` without a management token or address, `unsupported` by the profile,
   *   `no-registration-endpoint` when there is no metadata document
   * @throws {ServerRefusedError} status 401 or 404 when the server does not know this token or address: no proof that
   *   the client is gone
   * @throws {TransportError} `not-sent`, or `unknown`: a rotated token may be lost
   * @throws {UnexpectedAnswerError} `accepted`: a success that is no registration; `refused`, `unknown`: one that is an
   *   error or a page
   * @throws {PolicyError} `management-address`, `redirect`, `client-id-changed`; of discovery `issuer-mismatch`,
   *   `insecure-address`
   * @see [RFC 7592 section 2.1](https://www.rfc-editor.org/rfc/rfc7592#section-2.1)
   */
  async read(current: RegistrationResponse, options?: CallOptions): Promise<RegistrationResponse & Returned> {
    return this.#typed((await (await this.#open()).read(current, options)).value)
  }

  /**
   * Replaces a client's metadata (RFC 7592 section 2.2): `changes` is laid over what the server last returned, `null`
   * takes a member out.
   *
   * The answer may carry a new management token or secret; the old one stops working at once. An update is never repeated.
   *
   * @example
   * ```ts
   * import { RegistrationClient } from '@registrant/core'
   *
   * const client = new RegistrationClient({ issuer: 'https://as.example' })
   * const registration = await client.register({ redirect_uris: ['https://app.example/callback'] })
   * const changed = await client.update(registration, { client_name: 'Orders', logo_uri: null })
   * ```
   * @throws {InvalidRequestError} a change breaks a rule; nothing was sent
   * @throws {NotSupportedError} `not-managed`, `unsupported` by the profile, `no-registration-endpoint`
   * @throws {ServerRefusedError} from 500 up the server may have acted
   * @throws {TransportError} `not-sent`, or `unknown`: a rotated token may be lost
   * @throws {UnexpectedAnswerError} `accepted`: the update was made and its answer can't be read; `refused`, `unknown`:
   *   an error or a page came under the status of a success
   * @throws {PolicyError} `management-address`, `redirect`, `issuer-mismatch`, `insecure-address`; carrying the
   *   registration: `client-id-changed`, `redirect-uri-added`, `authentication-downgraded`, `statement-altered`
   * @see [RFC 7592 section 2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)
   */
  async update(
    current: RegistrationResponse,
    changes: Changes<RequestInput & Sent>,
    options?: CallOptions,
  ): Promise<RegistrationResponse & Returned> {
    return this.#typed((await (await this.#open()).update(current, changes, options)).value)
  }

  /**
   * Deletes a client at the server (RFC 7592 section 2.3). Resolves on any success (2xx) that is neither a
   * page nor an OAuth error.
   *
   * A 401 or 404 throws: it is no proof of a deletion, since the address or the token may be wrong.
   *
   * @example
   * ```ts
   * import { RegistrationClient } from '@registrant/core'
   *
   * const client = new RegistrationClient({ issuer: 'https://as.example' })
   * const registration = await client.register({ redirect_uris: ['https://app.example/callback'] })
   * await client.delete(registration)
   * ```
   * @throws {InvalidRequestError} the issuer has a query or a fragment; nothing was sent
   * @throws {NotSupportedError} `not-managed`, `unsupported` by the profile, `no-registration-endpoint`
   * @throws {ServerRefusedError} from 500 up the client may or may not be deleted; a read tells
   * @throws {TransportError} `not-sent` or `unknown`
   * @throws {UnexpectedAnswerError} `refused`, `unknown`: a success that is an OAuth error, or a page of a proxy or network
   * @throws {PolicyError} `management-address`, `redirect`, `issuer-mismatch`, `insecure-address`
   * @see [RFC 7592 section 2.3](https://www.rfc-editor.org/rfc/rfc7592#section-2.3)
   */
  async delete(current: RegistrationResponse, options?: CallOptions): Promise<void> {
    return (await this.#open()).delete(current, options)
  }

  #open(): Promise<Session> {
    this.#session ??= openSession(this.#options)
    this.#session.catch(() => (this.#session = undefined))
    return this.#session
  }

  #typed(value: RegistrationResponse): RegistrationResponse & Returned {
    // The profile declares the vendor's members: this package can't know what the server adds.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return value as RegistrationResponse & Returned
  }
}
