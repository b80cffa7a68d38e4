import type { RegistrationRequest, RegistrationResponse } from '../model/registration.ts'

/** What a registration is compared with. */
interface Wanted {
  sent?: RegistrationRequest | undefined
  current?: RegistrationResponse | undefined
}

/** How a registration is more dangerous than what was asked for. */
export type Widening = 'client-id-changed' | 'redirect-uri-added' | 'authentication-downgraded' | 'statement-altered'

/** The rule by which a registration is refused: it is more dangerous than what was asked for; `undefined` where it is not. */
export function widening(registration: RegistrationResponse, { sent, current }: Wanted): Widening | undefined {
  if (current !== undefined && current.client_id !== registration.client_id) return 'client-id-changed'
  if (sent === undefined) return undefined
  if (addsRedirect(sent.redirect_uris ?? [], registration.redirect_uris ?? [])) return 'redirect-uri-added'
  const asked = sent.token_endpoint_auth_method
  if (asked !== undefined && asked !== 'none' && registration.token_endpoint_auth_method === 'none')
    return 'authentication-downgraded'
  const statement = registration.software_statement
  const isAltered = statement !== undefined && statement !== sent.software_statement
  return sent.software_statement !== undefined && isAltered ? 'statement-altered' : undefined
}

/** Redirect URIs compared as a browser would: the same address may be spelled in two ways. */
function addsRedirect(sent: readonly string[], answered: readonly string[]): boolean {
  const asked = new Set(sent.map(href))
  return answered.some((uri) => uri !== '' && !asked.has(href(uri)))
}

const href = (uri: string): string => (URL.canParse(uri) ? new URL(uri).href : uri)
