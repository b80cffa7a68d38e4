import { load as late } from '../load.ts'
import { SecretlessManager } from './manager.ts'
import type { ManagerOptions } from './options.ts'

/**
 * Keeps one registration, in a store: `ensure()` may be called at every start, from every replica and every tab, and
 * there is one client at the server afterwards.
 *
 * Concurrent calls in one process share their work. A caller whose `signal` aborts leaves; what has begun goes on.
 */
export class RegistrationManager<Sent extends object = {}, Returned extends object = {}> extends SecretlessManager<
  Sent,
  Returned
> {
  /**
   * Nothing is opened, read or sent.
   *
   * @throws {InvalidRequestError} an option can't work, such as a `lease` below `timeout` + 5 000
   */
  constructor(options: ManagerOptions<Sent, Returned>) {
    super(options, async (method, secret) =>
      (await late(import('./secret-proofs.ts'))).authenticationBySecret(method, secret),
    )
  }
}
