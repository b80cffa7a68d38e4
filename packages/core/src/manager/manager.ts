import type { CallOptions, ClientAuthentication } from '../client/options.ts'
import type { ClientProof } from '../model/http.ts'
import type { ClientSecretJwtOptions } from '../keys/client-proof.ts'
import type { Orphan } from '../events.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { KnownClient, RegistrationResponse } from '../model/registration.ts'
import type { RegistrationStatus } from './maintain/status.ts'
import { Opening } from './opening.ts'
import type { ManagerOptions } from './options.ts'
import { checkManagerOptions } from './options.ts'

declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol
  }
}

/**
 * Keeps one registration, in a store: `ensure()` may be called at every start, from every replica and every tab, and
 * there is one client at the server afterwards.
 *
 * Concurrent calls of one object share work. A caller whose `signal` aborts leaves: what has begun goes on, nothing new begins.
 *
 * This class has no code that proves a client by a secret. The `RegistrationManager` of `@registrant/core` extends it and adds
 * that; the one of `@registrant/browser` extends it without, so no page ever loads such code.
 *
 * @example
 * ```ts
 * import { RegistrationManager } from '@registrant/core/manager'
 * import { memoryStore } from '@registrant/core'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { redirect_uris: ['https://app.example/callback'], token_endpoint_auth_method: 'none' },
 *   store: memoryStore(),
 * })
 * const { client_id } = await manager.ensure()
 * ```
 */
export class RegistrationManager<Sent extends object = {}, Returned extends object = {}> {
  readonly #opening: Opening<RegistrationResponse & Returned>

  declare readonly [Symbol.asyncDispose]: () => Promise<void>

  static {
    // Not every engine has the symbol.
    const dispose: symbol | undefined = Symbol.asyncDispose
    if (dispose !== undefined)
      Object.defineProperty(this.prototype, dispose, {
        value(this: RegistrationManager): Promise<void> {
          return this.close()
        },
      })
  }

  /**
   * Checks the options. Nothing is opened, read or sent.
   *
   * @throws {InvalidRequestError} an option can't work, such as a `lease` below `timeout` + 5 000
   */
  constructor(options: ManagerOptions<Sent, Returned>) {
    const judged = checkManagerOptions<ManagerOptions<Sent, Returned>>(Object(options))
    this.#opening = new Opening(judged, (...how) => this.authenticationBySecret(...how))
  }

  /**
   * Resolves to a usable registration. A stored one that fits the declaration and does not expire soon is returned without any
   * request; otherwise the client is registered, updated or renewed first. If another starter does that, its result is returned.
   * While the server is down, a stored registration that works is returned even if it should be changed (event `drift`).
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function start(manager: RegistrationManager): Promise<string> {
   *   const { client_id } = await manager.ensure({ signal: AbortSignal.timeout(10_000) })
   *   return client_id
   * }
   * ```
   * @throws {InvalidRequestError} the declaration breaks a rule, or an option can't work; nothing was sent
   * @throws {NotSupportedError} `no-registration-endpoint`: the server offers no way to a client, and none was made by hand; `unsupported`
   * @throws {StateError} `deleting`, `deleted`; `missing` with `expectExisting`; `closed`; `newer-schema`; `attempts-spent`, with `retryAfter`
   * @throws {StoreError} the store can't be read or written; that is never taken for an empty store
   * @throws {ServerRefusedError} the server refused the declaration, or an access token
   * @throws {TransportError} no answer. With the outcome `unknown` a client may exist that nobody knows, listed as an orphan
   * @throws {UnexpectedAnswerError} the answer can't be read, or is a page. With `accepted` a client exists, listed as an orphan
   * @throws {PolicyError} the server registered more than was asked for, and that client was deleted; or another policy rule
   */
  async ensure(options?: CallOptions): Promise<RegistrationResponse & Returned> {
    return this.#opening.ensure(options)
  }

  /**
   * Yields the registration now, and again after each change, also by another replica. While it is watched, secrets are renewed
   * in time, declarations applied and replaced clients deleted. Ends when the signal aborts.
   *
   * An error that may pass is retried after 1 to 60 seconds, or after its `retryAfter` where that is longer. While the
   * registration is being deleted, `watch()` waits, since the deletion may fail.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function follow(manager: RegistrationManager, signal: AbortSignal): Promise<void> {
   *   for await (const { client_id } of manager.watch({ signal })) console.log(`The client is ${client_id}`)
   * }
   * ```
   * @throws {RegistrationError} an error that waiting can't cure: `invalid-request`, `policy`, `deleted`, `missing`,
   *   `newer-schema`, `store-corrupt`, `store-denied`; `closed`
   */
  watch(options?: CallOptions): AsyncGenerator<RegistrationResponse & Returned, void, undefined> {
    return this.#opening.watch(options?.signal)
  }

  /**
   * Reports that a server refused these credentials (`invalid_client`). Resolves to the credentials to go on with.
   *
   * If the store holds other credentials, those are returned at once. Otherwise the token endpoint is asked with a code that
   * nobody issued: if the server still knows the client, the same come back. If it keeps denying the client for `forgetDelay`,
   * one replica registers anew, and all callers get that client. A client of `preRegistered` or `metadataDocument` is never given
   * up: the error says who can help, for a `metadataDocument` after one more look at the server's metadata.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function refused(manager: RegistrationManager): Promise<string> {
   *   const { client_id, client_secret } = await manager.ensure()
   *   // The token endpoint answered `invalid_client`.
   *   return (await manager.reportRejected({ client_id, client_secret })).client_id
   * }
   * ```
   * @throws {StateError} `suspect`: nobody could prove that the server has forgotten the client; nothing was registered, the
   *   stored registration stays. `forgotten`: the server has, and the option reregister is false; and what `ensure()` throws
   */
  async reportRejected(
    rejected: { client_id: string; client_secret?: string | undefined },
    options?: CallOptions,
  ): Promise<RegistrationResponse & Returned> {
    return this.#opening.call(options, (keeper) => keeper.reportRejected(rejected, options))
  }

  /**
   * Resolves to the proof of the registered client for one token request: headers and form members to be merged into it. Each
   * call makes a fresh proof, so call it for each request. Calls `ensure()` first, and throws what that throws.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function token(manager: RegistrationManager, url: string): Promise<Response> {
   *   const { headers = {}, form, endpoint = url } = await manager.authentication()
   *   const body = new URLSearchParams({ grant_type: 'client_credentials', ...form })
   *   return fetch(endpoint, { method: 'POST', headers, body })
   * }
   * ```
   * @throws {NotSupportedError} `unsupported` when the client authenticates with a key of the application's own
   * @throws {StoreError} the store can't be read. If the store's home for keys has lost the client's key, the client is replaced
   */
  async authentication(options?: CallOptions): Promise<ClientProof> {
    return this.#opening.call(options, (keeper) => keeper.authentication(options))
  }

  /**
   * Resolves to the server's metadata as this manager uses them, so that login libraries need no discovery of their own. They are
   * kept for the `max-age` of the answer, from five minutes to a day; for an hour where it names none.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function loginPage(manager: RegistrationManager): Promise<string | undefined> {
   *   const { authorization_endpoint } = await manager.server()
   *   return authorization_endpoint
   * }
   * ```
   * @throws {RegistrationError} what `RegistrationClient.discover()` throws; `attempts-spent` while the server is left alone
   * @see [RFC 8414 section 2](https://www.rfc-editor.org/rfc/rfc8414#section-2)
   */
  async server(options?: CallOptions): Promise<AuthorizationServer> {
    return this.#opening.call(options, (keeper) => keeper.server(options))
  }

  /**
   * Tells how things stand, according to the store: no request is made, and nothing in the result is secret.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function isHealthy(manager: RegistrationManager): Promise<boolean> {
   *   const { state, suspect } = await manager.status()
   *   return state === 'registered' && !suspect
   * }
   * ```
   * @throws {StoreError} the store can't be read
   */
  async status(options?: CallOptions): Promise<RegistrationStatus> {
    return this.#opening.call(options, (keeper) => keeper.status(options))
  }

  /**
   * Makes a client known from elsewhere the registration, over whatever is stored, even what can't be read. A client that fits
   * the declaration counts as declared; else the next `ensure()` brings it into that form. Another stored client is listed as an
   * orphan and not deleted; if the same client was stored, it keeps a secret or management token that is not given here.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function takeOver(manager: RegistrationManager): Promise<void> {
   *   await manager.recover({ client_id: 'made-by-hand', client_secret: process.env['CLIENT_SECRET'] })
   *   await manager.ensure()
   * }
   * ```
   * @throws {InvalidRequestError} there is no `client_id`, a credential is no text, or the client needs a secret and `keepSecret` is false
   * @throws {StateError} `newer-schema`: a newer release wrote the record, which is not touched
   * @throws {TransportError} `unknown`: it did not end within `lease` plus `timeout`, and saves nothing more
   */
  async recover(known: RegistrationResponse | KnownClient, options?: CallOptions): Promise<void> {
    return this.#opening.call(options, (keeper) => keeper.recover(known, options))
  }

  /**
   * Deletes the client at the server and leaves a tombstone: from now on `ensure()` throws `deleted`, in every replica.
   * It may be called again after a failure.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function uninstall(manager: RegistrationManager): Promise<void> {
   *   await manager.delete()
   *   await manager.close()
   * }
   * ```
   * @throws {NotSupportedError} `not-managed`: there is no token to delete it with, or nobody registered it here; `unsupported`
   * @throws {ServerRefusedError} the server did not let it be read or deleted: all stays as it was. `PolicyError`: its address shows another client
   * @throws {TransportError} nobody could be asked what became of the client: the state stays `deleting`, the next call goes on
   * @throws {StateError} `missing` with `expectExisting`; `attempts-spent` while the server is left alone, or has been sent ten requests in a minute: the state stays; `deleting`: overtaken by `forget()` or `recover()`
   */
  async delete(options?: CallOptions): Promise<void> {
    return this.#opening.call(options, (keeper) => keeper.delete(options))
  }

  /**
   * Starts over, also after `delete()`: the next `ensure()` registers. The client, if any, becomes an orphan.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function startOver(manager: RegistrationManager): Promise<string> {
   *   await manager.forget()
   *   return (await manager.ensure()).client_id
   * }
   * ```
   * @throws {StateError} `newer-schema`: a newer release wrote the record, which is not touched
   * @throws {TransportError} `unknown`: it did not end within `lease` plus `timeout`, and saves nothing more
   */
  async forget(options?: CallOptions): Promise<void> {
    return this.#opening.call(options, (keeper) => keeper.forget(options))
  }

  /**
   * Deletes the orphans that can be managed, and the clients replaced `overlap` ago; resolves to the orphans that are left.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function cleanUp(manager: RegistrationManager): Promise<void> {
   *   for (const { client_id, reason } of await manager.sweep()) console.log(`${client_id} stays: ${reason}`)
   * }
   * ```
   */
  async sweep(options?: CallOptions): Promise<Orphan[]> {
    return this.#opening.call(options, (keeper) => keeper.sweep(options))
  }

  /**
   * Renews the credentials now: by an update where that brings others, else by a new registration, with the old client kept for
   * `overlap`. Managed keys are renewed too: when the call resolves, the new key signs. Where a `jwks_uri` is declared, the new
   * key is then published in `status().jwks`, and signs after `overlap`: until then servers go on with the keys that they
   * fetched. Another call before that makes no other key.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function leaked(manager: RegistrationManager): Promise<void> {
   *   const { client_id, client_secret_expires_at } = await manager.rotate()
   *   console.log(`${client_id} has another secret until ${client_secret_expires_at}`)
   * }
   * ```
   * @throws {NotSupportedError} `not-managed`: nobody registered this client here; `unsupported`: the server gave the same secret again
   * @throws {StateError} `attempts-spent` when five registrations were sent within an hour; and what `ensure()` throws
   */
  async rotate(options?: CallOptions): Promise<RegistrationResponse & Returned> {
    return this.#opening.begin(options, (keeper) => keeper.rotate(options))
  }

  /**
   * Reads the client from the server (RFC 7592 section 2.1), and saves what the server says, since a read may rotate the
   * management token.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export async function asRegistered(manager: RegistrationManager): Promise<string | undefined> {
   *   const { scope } = await manager.read()
   *   return scope
   * }
   * ```
   * @throws {StateError} `deleting`, `deleted`; `missing`: there is nothing to read; `attempts-spent`: the server is left alone
   * @throws {RegistrationError} what `RegistrationClient.read()` throws
   */
  async read(options?: CallOptions): Promise<RegistrationResponse & Returned> {
    return this.#opening.begin(options, (keeper) => keeper.read(options))
  }

  /**
   * Waits up to `timeout` for work that has begun, and then up to `timeout` for the store to close; from now on each verb throws
   * `closed`, and `watch()` ends. `await using` calls it too.
   *
   * @example
   * ```ts
   * import type { RegistrationManager } from '@registrant/core'
   *
   * export function stopOnSignal(manager: RegistrationManager): void {
   *   process.once('SIGTERM', () => manager.close())
   * }
   * ```
   */
  async close(options?: CallOptions): Promise<void> {
    return this.#opening.close(options)
  }

  /** Proves the client by its secret: not here, so it resolves to `undefined`. */
  protected async authenticationBySecret(
    _method: string,
    _secret: string,
    _options?: ClientSecretJwtOptions,
  ): Promise<ClientAuthentication | undefined> {
    return undefined
  }
}
