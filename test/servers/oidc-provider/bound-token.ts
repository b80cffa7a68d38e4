import { createHash, randomBytes } from 'node:crypto'

import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
/** The parts of a request that are checked. */
export interface Asked {
  method: string
  href: string
  get: (header: string) => string
}

/** Judges requests with a token that is bound to a key, as a protected resource does (RFC 9449 sections 4.3, 7.1 and 9). */
export class BoundTokens {
  /** The nonce that a proof must hold, where one must. */
  readonly nonce: string | undefined
  readonly #seen = new Set<unknown>()

  constructor(challenge: boolean) {
    this.nonce = challenge ? randomBytes(16).toString('base64url') : undefined
  }

  /** What is wrong with the proof, by its code; `undefined` when the token may be used. */
  async fault(ctx: Asked, token: string, thumbprint: string): Promise<string | undefined> {
    try {
      const { payload, protectedHeader } = await jwtVerify(ctx.get('dpop'), EmbeddedJWK, {
        typ: 'dpop+jwt',
        algorithms: ['ES256', 'EdDSA'],
        maxTokenAge: 60,
      })
      const right =
        payload['htm'] === ctx.method &&
        payload['htu'] === ctx.href &&
        payload['ath'] === createHash('sha256').update(token).digest('base64url') &&
        typeof payload.jti === 'string' &&
        !this.#seen.has(payload.jti) &&
        protectedHeader.jwk !== undefined &&
        (await calculateJwkThumbprint(protectedHeader.jwk)) === thumbprint
      if (!right) return 'invalid_dpop_proof'
      this.#seen.add(payload.jti)
      return this.nonce === undefined || payload['nonce'] === this.nonce ? undefined : 'use_dpop_nonce'
    } catch {
      return 'invalid_dpop_proof'
    }
  }
}
