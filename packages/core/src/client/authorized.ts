import { ServerRefusedError } from '../server-errors.ts'
import type { AccessToken } from '../model/access-token.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { AccessTokens } from './access-token.ts'
import type { Line } from './context.ts'

/** Registers with an access token: kept between calls, renewed once where the server refuses it. */
export class Authorization {
  readonly #line: Line
  readonly #tokens: AccessTokens

  constructor(line: Line) {
    const { accessToken, profile } = line.options
    this.#line = line
    this.#tokens = new AccessTokens(accessToken, profile?.singleUseToken ?? false)
  }

  async use<T>(
    server: AuthorizationServer,
    signal: AbortSignal,
    post: (token: AccessToken | undefined, isBound: boolean) => Promise<T>,
  ): Promise<T> {
    const send = (request: HttpRequest, by: AbortSignal): Promise<HttpAnswer> => this.#sendForToken(request, by)
    const call = { server, signal, timeout: this.#line.timeout, send }
    const token = await this.#tokens.get(call)
    try {
      return await post(token, this.#isBound(token))
    } catch (error) {
      if (token === undefined || !this.#refusesToken(error)) throw error
      const fresh = await this.#tokens.renew(token.access_token, call)
      if (fresh === undefined) throw error
      return post(fresh, this.#isBound(fresh))
    }
  }

  /** A token request carries a proof, so that the token gets bound; whatever else a token source asks for does not. */
  async #sendForToken(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const sending = { signal, inDoubt: 'not-sent' as const }
    const isForToken = new URLSearchParams(request.body).has('grant_type')
    if (!isForToken || this.#line.options.dpop === undefined) return this.#line.send(request, sending)
    return (await (await this.#line.proving()).prove(request, sending, { single: true })).answer
  }

  /** Whether a token is bound to our key: one that does not say what it is was given together with the key. */
  #isBound(token: AccessToken | undefined): boolean {
    const { dpop, profile } = this.#line.options
    if (token === undefined || dpop === undefined || profile?.bearerOnly === true) return false
    if (token.token_type === undefined || /^dpop$/i.test(token.token_type)) return true
    const message = 'A proof was sent, and a token came that is bound to no key; it was sent as a bearer token.'
    this.#line.report([{ member: 'token_type', rule: 'token-not-bound', message }])
    return false
  }

  #refusesToken(error: unknown): boolean {
    if (!(error instanceof ServerRefusedError)) return false
    if (error.error === 'use_dpop_nonce' || error.error === 'invalid_dpop_proof') return false
    if (error.status === 401 || error.error === 'invalid_token') return true
    const { profile } = this.#line.options
    return error.status === 400 && profile?.refusedTokenCodes?.includes(error.error ?? '') === true
  }
}
