import type { ErrorDetails } from '../errors.ts'
import { PolicyError } from '../errors.ts'
import type { Deviation } from '../model/reading.ts'
import type { RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import { addedRedirects } from './compare.ts'

/**
 * Refuses a registration that is more dangerous than what was asked for. The client exists by then, so the error
 * carries the registration, and whoever keeps registrations can delete it.
 */
export function refuseWidened(
  registration: RegistrationResponse,
  {
    sent,
    current,
    endpoint,
  }: { sent?: RegistrationRequest | undefined; current?: RegistrationResponse | undefined; endpoint: string },
): void {
  const details: ErrorDetails & { registration: RegistrationResponse } = { registration, endpoint, outcome: 'accepted' }
  if (current !== undefined && current.client_id !== registration.client_id) {
    throw new PolicyError('The answer is about another client than the one that was asked about; it was not used.', {
      rule: 'client-id-changed',
      ...details,
    })
  }
  if (sent === undefined) return
  if (addedRedirects(sent.redirect_uris ?? [], registration.redirect_uris ?? []).length > 0) {
    throw new PolicyError(
      'The server added a redirect URI that was not asked for: codes and tokens could go there. Delete this client.',
      {
        rule: 'redirect-uri-added',
        ...details,
      },
    )
  }
  const asked = sent.token_endpoint_auth_method
  if (asked !== undefined && asked !== 'none' && registration.token_endpoint_auth_method === 'none') {
    throw new PolicyError(
      `The server registered a client that does not authenticate, where ${asked} was asked for. Delete this client.`,
      {
        rule: 'authentication-downgraded',
        ...details,
      },
    )
  }
  const statement = registration.software_statement
  if (sent.software_statement !== undefined && statement !== undefined && statement !== sent.software_statement) {
    throw new PolicyError(
      'The server returned another software statement than the one that was sent. Delete this client.',
      {
        rule: 'statement-altered',
        ...details,
      },
    )
  }
}

/** What is odd about the credentials of a registration, and is kept all the same. */
export function oddCredentials(registration: RegistrationResponse): Deviation[] {
  const deviations: Deviation[] = []
  const { client_secret, token_endpoint_auth_method: method } = registration
  if (client_secret !== undefined && method === 'none') {
    deviations.push({
      member: 'client_secret',
      rule: 'secret-for-public-client',
      message: 'A secret came with a client that does not authenticate.',
    })
  }
  if (client_secret === undefined && method?.startsWith('client_secret_') === true) {
    deviations.push({
      member: 'client_secret',
      rule: 'secret-missing',
      message: `The method is ${method}, and no secret came with it.`,
    })
  }
  if (client_secret !== undefined && registration.client_secret_expires_at === undefined) {
    deviations.push({
      member: 'client_secret_expires_at',
      rule: 'expiry-not-stated',
      message: 'The server does not say whether the secret expires (RFC 7591 section 3.2.1 requires it).',
    })
  }
  return deviations
}

const clickable = ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'organization_uri', 'information_uri']

/** Takes addresses out that would run code when a person clicks them. */
export function withoutScripts(registration: RegistrationResponse, deviations: Deviation[]): void {
  for (const [member, value] of Object.entries(registration)) {
    if (!clickable.includes(member.split('#')[0] ?? '') || typeof value !== 'string') continue
    if (!/^[\s\p{Cc}]*(?:javascript|data|file|vbscript):/iu.test(value)) continue
    delete registration[member]
    deviations.push({
      member,
      rule: 'dangerous-uri',
      message: 'An address that would run code when clicked was left out.',
    })
  }
}
