import { ServerRefusedError, UnexpectedAnswerError } from '../server-errors.ts'
import { RegistrationError } from '../errors.ts'
import { requireSuccess } from '../exchange/response.ts'
import { tokenRequest } from '../exchange/token.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import type { Keeping } from './keeping.ts'
import { proofsOf } from './proof.ts'

/** What a server says of a client, without being asked for anything that it would give. */
export type Witness = 'alive' | 'denied' | { unable: string; retryAfter?: number | undefined }

/**
 * Asks the token endpoint with an authorization code that nobody issued. No token ever comes of it; `invalid_client`
 * says that the server does not know this client, or not by this secret, and nothing else says so.
 */
export async function probe(k: Keeping, registration: RegistrationResponse): Promise<Witness> {
  try {
    const server = await k.conversation.discover()
    const proofs = await proofsOf(k, registration, server)
    if (proofs.length === 0)
      return { unable: 'the application proves its client itself, so the manager has nothing to ask with' }
    const form = {
      grant_type: 'authorization_code',
      code: platform.randomId(),
      redirect_uri: registration.redirect_uris?.[0] ?? `${server.issuer}/unused`,
    }
    for (const proof of proofs) {
      const witness = await ask(k, tokenRequest(server, form, proof))
      if (witness !== 'denied') return witness
    }
    return 'denied'
  } catch (error) {
    if (error instanceof RegistrationError) return { unable: error.message }
    throw error
  }
}

async function ask(k: Keeping, request: ReturnType<typeof tokenRequest>): Promise<Witness> {
  const answer = await k.conversation.send(request)
  k.clock.hear(Date.parse(answer.headers.get('date') ?? '') || undefined)
  try {
    requireSuccess(answer, { request, what: 'probe', inDoubt: 'not-sent' })
  } catch (error) {
    if (error instanceof ServerRefusedError) {
      if (error.error === 'invalid_client') return 'denied'
      if (error.status >= 500 || error.status === 429) return { unable: error.message, retryAfter: error.retryAfter }
    } else if (!(error instanceof RegistrationError) || error instanceof UnexpectedAnswerError) throw error
  }
  return 'alive'
}
