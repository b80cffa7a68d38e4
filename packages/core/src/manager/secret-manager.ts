import type { ClientAuthentication } from '../client/options.ts'
import type { ClientSecretJwtOptions } from '../keys/client-proof.ts'
import { load } from './load.ts'
import { RegistrationManager as SecretlessManager } from './manager.ts'

/**
 * Keeps one registration, in a store: `ensure()` may be called at every start, from every replica and every tab, and
 * there is one client at the server afterwards.
 *
 * Concurrent calls of one object share their work. A caller whose `signal` aborts leaves; what has begun goes on.
 *
 * @example
 * ```ts
 * import { RegistrationManager, memoryStore } from '@registrant/core'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { redirect_uris: ['https://app.example/callback'] },
 *   store: memoryStore(),
 * })
 * const { client_id } = await manager.ensure()
 * ```
 * @see [RFC 7591 section 3](https://www.rfc-editor.org/rfc/rfc7591#section-3)
 * @see [RFC 7592 section 2](https://www.rfc-editor.org/rfc/rfc7592#section-2)
 */
export class RegistrationManager<Sent extends object = {}, Returned extends object = {}> extends SecretlessManager<
  Sent,
  Returned
> {
  protected override async authenticationBySecret(
    method: string,
    secret: string,
    options?: ClientSecretJwtOptions,
  ): Promise<ClientAuthentication | undefined> {
    return (await load()).authenticationBySecret(method, secret, options)
  }
}
