import type { AccessToken, AuthorizationServer } from '../../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../../model/http.ts'
import { platform } from '../../platform.ts'
import { NotSupportedError, ServerRefusedError, refusesToken } from '../../server-errors.ts'
import { isFilled } from '../options.ts'
import { isTimeout, join } from '../abort.ts'
import type { ClientContext } from '../context.ts'
import { throwFromCaller } from '../known-functions.ts'
import type { RegisteredClient } from '../../model/registration.ts'
import type { TokenSource } from '../options.ts'
import type { DpopTransport } from './dpop.ts'

/** Milliseconds at the end of a token's life in which it is not used: it must still be valid when it reaches the server. */
const margin = 10_000

/** An access token; one that is bound to the key has `prove`, which sends it with a proof (RFC 9449). */
export type BoundToken = AccessToken & { prove?: DpopTransport['prove'] | undefined }

/** What a token is for: a server, and the registered client that it must belong to, if any. */
export interface TokenUse {
  server: AuthorizationServer
  registered?: RegisteredClient | undefined
}

/** A token, until when it is used by the monotonic clock, and the `client_id` of the registered client it belongs to, if any. */
interface KeptToken {
  token: AccessToken
  until: number
  owner: string | undefined
}

/**
 * Keeps one access token, and makes one request for all concurrent callers. The token is kept until it expires, is refused, or a
 * token of another client is needed.
 */
export class AccessTokens {
  readonly #context: ClientContext
  readonly #dpop: DpopTransport
  readonly #source: string | TokenSource | undefined
  #kept: KeptToken | undefined
  #flight: { work: Promise<AccessToken>; refused: string | undefined; owner: string | undefined } | undefined

  constructor(context: ClientContext, dpop: DpopTransport, source: string | TokenSource | undefined) {
    this.#context = context
    this.#dpop = dpop
    this.#source = source
  }

  /** A token, or `undefined` where none was configured. */
  async get(use: TokenUse, signal: AbortSignal): Promise<BoundToken | undefined> {
    const source = this.#source
    if (source === undefined) return undefined
    if (typeof source === 'string') return this.#bound({ access_token: source })
    if (this.#isSingleUse) return this.#bound(await join(this.#fetch(source, use, signal), signal, 'access token'))
    const kept = this.#keptFor(use)
    return this.#bound(
      kept !== undefined && platform.monotonic() < kept.until ? kept.token : await this.#share(source, use, signal),
    )
  }

  /**
   * Forgets a token that the server has refused. Returns another one with which the request is worth repeating, so not after a
   * 403: a source has nothing better until somebody gives the application more rights. `undefined` too where none can be had.
   */
  async replace(
    token: AccessToken | undefined,
    error: unknown,
    use: TokenUse,
    signal: AbortSignal,
    isSecond: boolean,
  ): Promise<BoundToken | undefined> {
    const source = this.#source
    if (token === undefined || !this.#isRefused(error)) return undefined
    const refused = token.access_token
    if (this.#kept?.token.access_token === refused) this.#kept = undefined
    const isLasting = error.status === 403 && error.error !== 'invalid_token'
    if (isSecond || isLasting || typeof source !== 'function' || this.#isSingleUse) return undefined
    const fresh = this.#keptFor(use)?.token ?? (await this.#share(source, use, signal, refused))
    return fresh.access_token === refused ? undefined : this.#bound(fresh)
  }

  #keptFor({ registered }: TokenUse): KeptToken | undefined {
    return this.#kept?.owner === registered?.client_id ? this.#kept : undefined
  }

  get #isSingleUse(): boolean {
    return this.#context.options.profile?.singleUseToken ?? false
  }

  async #share(source: TokenSource, use: TokenUse, signal: AbortSignal, refused?: string): Promise<AccessToken> {
    const owner = use.registered?.client_id
    const isShared = this.#flight?.owner === owner && (refused === undefined || this.#flight?.refused === refused)
    if (this.#flight === undefined || !isShared) {
      const work = this.#fetch(source, use, platform.timeout(this.#context.timeout), refused)
      const flight = { work, refused, owner }
      this.#flight = flight
      const land = (): void => {
        if (this.#flight === flight) this.#flight = undefined
      }
      work.then(land, land)
    }
    const flight = this.#flight
    return join(flight.work, signal, 'access token').catch((error: unknown) => {
      if (isTimeout(signal) && this.#flight === flight) this.#flight = undefined
      throw error
    })
  }

  async #fetch(
    source: TokenSource,
    { server, registered }: TokenUse,
    signal: AbortSignal,
    refused?: string,
  ): Promise<AccessToken> {
    const send = (request: HttpRequest): Promise<HttpAnswer> => this.#send(request, signal)
    const answered = await this.#context.ask(
      'token source',
      signal,
      (own) =>
        source({
          server,
          refused,
          profile: this.#context.options.profile,
          signal: own,
          send,
          allowHttp: this.#context.options.allowHttp,
          registered,
        }),
      isToken,
      'a token, as a text that is not empty or as { access_token }',
      [refused],
    )
    const token = typeof answered === 'string' ? { access_token: answered } : answered
    if (!this.#isSingleUse)
      this.#kept = { token, until: platform.monotonic() + usableFor(token), owner: registered?.client_id }
    return token
  }

  /** Sends a request of a token source; only a token request carries a proof, so that the token gets bound. */
  async #send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const sending = { signal, inDoubt: 'not-sent' as const }
    const isForToken = new URLSearchParams(request.body).has('grant_type')
    if (!isForToken) return this.#context.send(request, sending)
    return (await this.#dpop.prove(request, sending, { single: true })).answer
  }

  /** Judges how a token is sent. One without a `token_type` was given together with the key, so it counts as bound to it. */
  #bound(token: AccessToken): BoundToken {
    const { dpop, profile } = this.#context.options
    if (token.scheme) return token
    const isProven = dpop !== undefined || profile?.bearerOnly === true
    if (!/^(?:bearer|dpop)$/i.test(token.token_type ?? 'bearer') || (isDpop(token) && !isProven))
      throwFromCaller(unknownType(token))
    if (dpop === undefined || profile?.bearerOnly === true) return token
    if (token.token_type === undefined || isDpop(token))
      return { ...token, prove: (...how) => this.#dpop.prove(...how) }
    const message = 'A proof was sent, and a token came that is bound to no key; it was sent as a bearer token.'
    this.#context.report([{ member: 'token_type', rule: 'token-not-bound', message }])
    return token
  }

  /** Whether an error speaks of the token, and not of the proof that it was sent with. */
  #isRefused(error: unknown): error is ServerRefusedError {
    if (!(error instanceof ServerRefusedError)) return false
    if (error.error === 'use_dpop_nonce' || error.error === 'invalid_dpop_proof') return false
    if (refusesToken(error) || error.error === 'invalid_token') return true
    const { profile } = this.#context.options
    return error.status === 400 && profile?.refusedTokenCodes?.includes(error.error ?? '') === true
  }
}

const isDpop = ({ token_type = '' }: AccessToken): boolean => /^dpop$/i.test(token_type)

/** The error for a token that must not be used, since its type is not known here (RFC 6749 section 7.1). */
const unknownType = (token: AccessToken): NotSupportedError =>
  new NotSupportedError(
    'unsupported',
    isDpop(token)
      ? 'The access token is bound to a key (token_type DPoP), and the option dpop is not set: it was not sent, nor anything else. Set dpop with the key that the token was made for.'
      : 'The access token has a token_type that is neither Bearer nor DPoP: it was not sent, nor anything else (RFC 6749 section 7.1). Return it with the scheme that it is to be sent under, or without token_type.',
  )

/** Milliseconds for which a token is used; a token without a stated lifetime is used until it is refused. */
const usableFor = ({ expires_in }: AccessToken): number => (expires_in ?? Number.POSITIVE_INFINITY) * 1000 - margin

/** Whether it is an access token: a text, or an object that holds one, with nothing beside it that can't be used. */
function isToken(value: unknown): boolean {
  const { access_token, token_type, scheme, expires_in } = Object(value)
  const beside: unknown[] = [token_type ?? '', scheme ?? '', expires_in ?? 0]
  return isFilled(value) || (isFilled(access_token) && beside.every((it) => ['string', 'number'].includes(typeof it)))
}
