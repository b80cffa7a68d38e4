import type { AccessToken } from '../model/access-token.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import { platform } from '../platform.ts'
import { join } from './abort.ts'
import type { TokenSource } from './options.ts'

/** A token is not used in the last ten seconds of its life: it must survive the way to the server. */
const margin = 10_000

/** What a token is got with. */
export interface TokenCall {
  server: AuthorizationServer
  signal: AbortSignal
  /** Bounds the request that all callers share. */
  timeout: number
  send: (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>
}

/** Keeps the access token for registering: one request for all concurrent callers, until it expires or is refused. */
export class AccessTokens {
  readonly #source: string | TokenSource | undefined
  readonly #single: boolean
  #kept: { token: AccessToken; until: number } | undefined
  #flight: { work: Promise<AccessToken>; refused: string | undefined } | undefined

  constructor(source: string | TokenSource | undefined, singleUse: boolean) {
    this.#source = source
    this.#single = singleUse
  }

  /** A token, or `undefined` where none was configured. */
  async get(call: TokenCall): Promise<AccessToken | undefined> {
    if (typeof this.#source === 'string') return { access_token: this.#source }
    if (this.#source === undefined) return undefined
    if (this.#single) return join(this.#fetch(this.#source, call, undefined, call.signal), call.signal, 'access token')
    if (this.#kept !== undefined && platform.monotonic() < this.#kept.until) return this.#kept.token
    return this.#share(this.#source, call, undefined)
  }

  /** Another token than the refused one; `undefined` where there is none to be had. */
  async renew(refused: string, call: TokenCall): Promise<AccessToken | undefined> {
    if (typeof this.#source !== 'function' || this.#single) return undefined
    if (this.#kept?.token.access_token === refused) this.#kept = undefined
    const fresh = this.#kept?.token ?? (await this.#share(this.#source, call, refused))
    return fresh.access_token === refused ? undefined : fresh
  }

  async #share(source: TokenSource, call: TokenCall, refused: string | undefined): Promise<AccessToken> {
    if (this.#flight === undefined || (refused !== undefined && this.#flight.refused !== refused)) {
      const work = this.#fetch(source, call, refused, platform.timeout(call.timeout))
      const flight = { work, refused }
      this.#flight = flight
      const land = (): void => {
        if (this.#flight === flight) this.#flight = undefined
      }
      work.then(land, land)
    }
    return join(this.#flight.work, call.signal, 'access token')
  }

  async #fetch(
    source: TokenSource,
    { server, send }: TokenCall,
    refused: string | undefined,
    signal: AbortSignal,
  ): Promise<AccessToken> {
    const answered = await source({ server, refused, signal, send: (request) => send(request, signal) })
    if (typeof answered === 'string') return { access_token: answered }
    if (!this.#single) this.#kept = { token: answered, until: platform.monotonic() + lifetime(answered) }
    return answered
  }
}

/** Milliseconds for which a token is used; one whose life is not stated is used until it is refused. */
const lifetime = ({ expires_in }: AccessToken): number =>
  expires_in === undefined ? Number.POSITIVE_INFINITY : expires_in * 1000 - margin
