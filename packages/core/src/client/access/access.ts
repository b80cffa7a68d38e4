import type { Changes, RegistrationRequest, RegistrationResponse } from '../../model/registration.ts'
import { isFilled } from '../check-options.ts'
import type { Answered, ClientContext } from '../context.ts'
import type { CallOptions } from '../options.ts'
import { AccessTokens } from './access-token.ts'
import { DpopTransport } from './dpop.ts'
import type { Management, UpdateCall } from './manage.ts'
import { deleteClient, readClient, updateClient } from './manage.ts'

/** What a session needs for requests that a token authorizes: one for registering, or that of the registration. */
export class Access {
  /** Those that authorize a registration. */
  readonly accessTokens: AccessTokens
  readonly #management: Management

  constructor(context: ClientContext, requests: Management['requests']) {
    const { accessToken, dpop, updateAccessToken } = context.options
    const proving = new DpopTransport(
      context.send,
      dpop && ((proven) => context.ask('option dpop', undefined, () => dpop(proven), isFilled, 'a proof')),
    )
    this.accessTokens = new AccessTokens(context, proving, accessToken)
    const accessTokens =
      updateAccessToken === undefined ? this.accessTokens : new AccessTokens(context, proving, updateAccessToken)
    this.#management = { context, accessTokens, requests }
  }

  async read(current: RegistrationResponse, call?: CallOptions): Promise<Answered> {
    return readClient(this.#management, current, call)
  }

  async update(
    current: RegistrationResponse,
    changes: Changes<RegistrationRequest>,
    call?: UpdateCall,
  ): Promise<Answered> {
    return updateClient(this.#management, current, changes, call)
  }

  async delete(current: RegistrationResponse, call?: CallOptions): Promise<void> {
    return deleteClient(this.#management, current, call)
  }
}
