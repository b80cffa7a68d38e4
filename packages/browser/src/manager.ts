import { RegistrationManager as CoreManager } from '@registrant/core/manager.js'
import type { ManagerOptions as CoreOptions } from '@registrant/core'

/** The options of a page's `RegistrationManager`: its defaults are those of a place that can keep no secret. */
export type ManagerOptions<Sent extends object = {}, Returned extends object = {}> = CoreOptions<Sent, Returned> & {
  /** Is called `unsafeKeepSecret` here, which says what it does in a page. */
  keepSecret?: undefined
  /**
   * Keeps a client secret that the server gave. Every script of the origin can read it then, and a registration that
   * needs it is refused and deleted otherwise. Default: `false`.
   */
  unsafeKeepSecret?: boolean | undefined
  /**
   * Keeps the registration access token (RFC 7592). Every script of the origin could change or delete the client with
   * it; without it a changed declaration registers anew, with another `client_id`. Default: `false`.
   */
  keepManagementToken?: boolean | undefined
}

/**
 * Keeps one registration for all tabs and workers of an origin.
 *
 * It declares `token_endpoint_auth_method: 'none'` where the metadata name no method and there are no `keys`, and keeps
 * neither a client secret nor the management token unless it is told to: a page can't hide them from the scripts that it
 * loads.
 *
 * @example
 * ```ts
 * import { indexedDbStore, RegistrationManager } from '@registrant/browser'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders-web',
 *   metadata: { redirect_uris: ['https://app.example/callback'] },
 *   store: indexedDbStore(),
 * })
 * const { client_id } = await manager.ensure()
 * ```
 */
export class RegistrationManager<Sent extends object = {}, Returned extends object = {}> extends CoreManager<
  Sent,
  Returned
> {
  /** @throws {InvalidRequestError} an option can't work */
  constructor(given: ManagerOptions<Sent, Returned>) {
    const { unsafeKeepSecret = false, keepManagementToken = false, ...options } = given ?? {}
    // Keys that the manager makes bring their own method.
    const { token_endpoint_auth_method = options.keys ? undefined : 'none' } = options.metadata ?? {}
    // Metadata that are no object are refused by the check of the options.
    const isObject = typeof options.metadata === 'object' && options.metadata && !Array.isArray(options.metadata)
    const metadata = isObject ? { ...options.metadata, token_endpoint_auth_method } : options.metadata
    super({ ...options, metadata, keepManagementToken, keepSecret: unsafeKeepSecret })
  }
}
