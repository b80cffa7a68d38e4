import { RegistrationError } from '../../errors.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { meaningOf, waitOf } from '../ensure/outcomes.ts'
import type { ProofMethod } from '../keys/authentication.ts'
import { load as loadKeys } from '../keys/load.ts'
import { minute } from '../record/mark.ts'
import type { RegistrationRecord } from '../record/record.ts'
import type { Asked, Provers } from './token-question.ts'
import { heed, openQuestion, scrambled } from './token-question.ts'
import type { Witness } from './verdicts.ts'

/** What the token endpoint says of a client, and what kept it from saying more. */
export interface TokenWitness {
  witness: Witness
  /** Why it says nothing. */
  unable?: string | undefined
  /** It could not be reached, or is in trouble: that is no sign that it can't tell. */
  isDown?: boolean | undefined
}

/** What one question may take: two ways to ask, each beside its control. */
export const mostQuestions = 4

/**
 * Asks the token endpoint with a code that nobody issued, as the client and as one that can't exist: no token ever comes of it,
 * and an answer that both get proves nothing, unless it denies the client outright.
 */
export async function askTokenEndpoint(
  context: Context,
  record: RegistrationRecord,
  registration: RegistrationResponse,
  signal: AbortSignal,
): Promise<TokenWitness> {
  try {
    const keys = await loadKeys()
    const way = await keys.provenBy(context, record, registration, () => context.session.discover({ signal }))
    const stated = way.method
    if (stated.includes('tls')) return { witness: 'nothing', unable: ownProof }
    const question = await openQuestion(context, record, registration, signal)
    let asked: Asked | undefined
    for (const method of methodsOf(stated, registration).filter(
      (it) => it === stated || !wasDenied(context, registration, it),
    )) {
      const provers = await proversOf(context, record, registration, { ...way, method })
      if (provers === undefined) continue
      asked = await question(provers, asked?.witness === 'denied')
      if (asked.witness === 'nothing') return { ...asked, unable: asked.isDown ? endpointTroubled : cantTell }
      if (asked.witness === 'alive') return asked
      noteDenied(context, registration, method)
    }
    return asked ?? { witness: 'nothing', unable: ownProof }
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    heed(context, waitOf(error))
    return { witness: 'nothing', unable: error.message, isDown: isUnanswered(error) }
  }
}

/** Whether no whole answer came, of the token endpoint or of the metadata that name it: that is no sign that it can't tell. */
const isUnanswered = (error: unknown): boolean => !['cannot', 'refused', 'astray'].includes(meaningOf(error))

const wayOf = ({ client_id, client_secret = '' }: RegistrationResponse, method: string): string =>
  JSON.stringify([client_id, client_secret, method])

/** Whether another way than the stated one was denied a moment ago: it need not be tried again each time. */
function wasDenied({ memory, clock }: Context, registration: RegistrationResponse, method: string): boolean {
  return clock.monotonic() < (memory.denied.get(wayOf(registration, method)) ?? -Infinity)
}

function noteDenied({ memory, clock }: Context, registration: RegistrationResponse, method: string): void {
  const now = clock.monotonic()
  for (const [name, until] of memory.denied) if (until <= now) memory.denied.delete(name)
  memory.denied.set(wayOf(registration, method), now + 2 * minute)
}

const ownProof = 'the application proves its client itself, so the manager has nothing to ask with'
const endpointTroubled = 'the token endpoint is in trouble, or asks to be left alone'
const cantTell = 'the token endpoint says the same to a client that does not exist, or nothing at all'

/**
 * The ways to ask. Where nobody said which method it is, a denial counts only if each is denied; a server that does not decode
 * what is in `Authorization: Basic` (RFC 6749 section 2.3.1) is asked by the form as well.
 */
function methodsOf(
  method: string,
  { token_endpoint_auth_method, client_secret, client_id }: RegistrationResponse,
): string[] {
  const isGuessed = token_endpoint_auth_method === undefined && client_secret !== undefined && method !== 'none'
  const isEncoded = method === 'client_secret_basic' && /[^\w.*-]/.test(`${client_id}${client_secret}`)
  const others = isGuessed || isEncoded ? ['client_secret_post', ...(isGuessed ? ['client_secret_basic'] : [])] : []
  return [...new Set([method, ...others])]
}

/** Proves the client, and a client that can't exist: in the same way, with other letters and digits or with a throw-away key. */
async function proversOf(
  context: Context,
  record: RegistrationRecord,
  registration: RegistrationResponse,
  way: ProofMethod,
): Promise<Provers | undefined> {
  const keys = await loadKeys()
  const secret = registration.client_secret
  const client = await keys.authenticationBy(context, way, secret, record)
  const control =
    way.method === 'private_key_jwt'
      ? await keys.throwAwayKey(context, record.keys?.current.publicJwk.alg, way.audience)
      : await keys.authenticationBy(context, way, secret === undefined ? undefined : scrambled(secret), record)
  return client && control && { client, control, way: JSON.stringify([way.method, way.audience]) }
}
