import { PolicyError } from '../server-errors.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { Widening } from './policy.ts'

/** The client exists by then, so the error carries the registration, and whoever keeps registrations can delete it. */
export function refusedFor(
  rule: Widening,
  registration: RegistrationResponse,
  { endpoint, method = 'authentication' }: { endpoint: string; method: string | undefined },
): PolicyError {
  const messages: Readonly<Record<Widening, string>> = {
    'client-id-changed': 'The answer is about another client than the one that was asked about; it was not used.',
    'redirect-uri-added':
      'The server added a redirect URI that was not asked for: codes and tokens could go there. Delete this client.',
    'authentication-downgraded': `The server registered a client that does not authenticate, where ${method} was asked for. Delete this client.`,
    'statement-altered':
      'The server returned another software statement than the one that was sent. Delete this client.',
  }
  return new PolicyError(messages[rule], { rule, registration, endpoint, outcome: 'accepted' })
}
