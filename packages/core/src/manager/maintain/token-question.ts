import type { ClientAuthentication } from '../../client/options.ts'
import { behindMutualTls } from '../../exchange/addresses.ts'
import type { TokenAnswer } from '../../exchange/token.ts'
import { readTokenAnswer, tokenRequest } from '../../exchange/token.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import type { Context } from '../context.ts'
import { hasCodeGrant, inForce, usesAliases } from '../record/credentials.ts'
import { heeded, minute } from '../record/mark.ts'
import type { RegistrationRecord } from '../record/record.ts'
import type { Witness } from './verdicts.ts'
import { isAnswer, isGone, isTroubled, witnessOf } from './verdicts.ts'

/** What proves a client, and one that can't exist. */
export interface Provers {
  /** How both prove themselves: servers tell clients that prove themselves in another way something else. */
  way: string
  client: ClientAuthentication
  control: ClientAuthentication
}

/** What one question showed; `isDown`: the endpoint is in trouble. */
export interface Asked {
  witness: Witness
  isDown: boolean
}

/** Asks both side by side; where another way was denied already, the control is asked only if this way is not denied. */
type Question = (provers: Provers, isDenied: boolean) => Promise<Asked>

/** Opens a question that is alike for both in all but the client's id and its proof. */
export async function openQuestion(
  context: Context,
  record: RegistrationRecord,
  registration: RegistrationResponse,
  signal: AbortSignal,
): Promise<Question> {
  let server = await context.session.discover({ signal })
  const { client_id, redirect_uris: shown } = registration
  // Servers that echo little don't say which redirect URIs they have taken.
  const redirect = shown?.[0] ?? inForce(record, context.declared).redirect_uris?.[0]
  const controlId = scrambled(client_id)
  const form = {
    grant_type: 'authorization_code',
    code: platform.randomId(),
    redirect_uri: redirect ?? `${server.issuer}/unused`,
    // Spring Authorization Server reads who a public client is only where there is one.
    code_verifier: `${platform.randomId()}${platform.randomId()}`,
  }
  const send = async (clientId: string, prove: ClientAuthentication): Promise<TokenAnswer> => {
    const { profile, allowHttp } = context.options
    const proof = await prove({ clientId, server, profile })
    signal.throwIfAborted()
    const asked = usesAliases(context, registration) ? behindMutualTls(server) : server
    const request = tokenRequest(asked, form, { ...proof, allowHttp })
    const answer = readTokenAnswer(await context.session.send(request, { signal }))
    // The wait holds whatever becomes of the other request.
    heed(context, answer.retryAfter)
    return answer
  }
  const { memory } = context
  let lastControl: TokenAnswer | undefined
  const askControl = async ({ control, way }: Provers): Promise<void> => {
    lastControl = await send(controlId, control)
    // What comes of trouble, or of no endpoint, says nothing of the next answer.
    if (isAnswer(lastControl)) memory.controls.set(way, { answer: lastControl, until: platform.monotonic() + minute })
  }
  const both = async (provers: Provers): Promise<TokenAnswer> => {
    const isKnown = lastControl !== undefined
    const [said] = await Promise.all([send(client_id, provers.client), isKnown ? undefined : askControl(provers)])
    return said
  }
  const mayAsk = (): boolean => memory.pauseIn(record, context.clock.now()) === undefined
  return async (provers, isDenied) => {
    // What a client that can't exist is told does not change from one minute to the next.
    const known = memory.controls.get(provers.way)
    if (known && platform.monotonic() < known.until) lastControl = known.answer
    let said = isDenied ? await send(client_id, provers.client) : await both(provers)
    const moved = isGone(said) && mayAsk() ? await context.session.moved(server, { signal }) : undefined
    if (moved) {
      server = moved
      lastControl = undefined
      said = await both(provers)
    }
    let witness = witnessOf(said, lastControl, hasCodeGrant(record))
    if (isDenied && witness !== 'denied' && mayAsk()) {
      await askControl(provers)
      witness = witnessOf(said, lastControl, hasCodeGrant(record))
    }
    const isDown = witness === 'nothing' && [said, lastControl].some((it) => it && isTroubled(it))
    return { witness, isDown }
  }
}

/** Remembers for how many milliseconds the server asks to be left alone. */
export function heed({ memory, clock }: Context, wait: number | undefined): void {
  const now = clock.now()
  if (wait !== undefined) memory.heed({ at: now, length: heeded(wait), said: asksForPatience }, now)
}

const asksForPatience = 'The token endpoint asked to be left alone.'

/**
 * Each letter and digit replaced by another: a malformed id would be refused for its form, or not be found for it, so what could be
 * hexadecimal stays that, and a UUID keeps its version and its variant.
 */
export const scrambled = (text: string): string =>
  text
    .split(uuid)
    .map((part, n) => (n % 6 === 2 || n % 6 === 4 ? part : part.replaceAll(/[a-z0-9]+/gi, others)))
    .join('')

/** Splitting by this makes six parts for each UUID; those with the index 2 and 4 (version, variant) stay as they are. */
const uuid =
  /((?<![a-z0-9])[0-9a-f]{8}-[0-9a-f]{4}-)([1-8])([0-9a-f]{3}-)([89ab])([0-9a-f]{3}-[0-9a-f]{12}(?![a-z0-9]))/i

function others(word: string): string {
  const letters = /[g-z]/i.test(word) ? 'abcdefghijklmnopqrstuvwxyz' : 'abcdef'
  return word.replaceAll(/./g, (sign) => {
    const alphabet = sign >= 'a' ? letters : sign >= 'A' ? letters.toUpperCase() : '0123456789'
    const step = 1 + Math.floor(platform.random() * (alphabet.length - 1))
    return alphabet[(alphabet.indexOf(sign) + step) % alphabet.length] ?? sign
  })
}
