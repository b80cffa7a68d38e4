import type { ErrorDetails } from '../errors.ts'
import { PolicyError } from '../answer-errors.ts'
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
