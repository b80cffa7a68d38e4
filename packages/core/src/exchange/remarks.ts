import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { Deviation } from '../model/reading.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { changes, notRemoved } from './compare.ts'
import type { Interpreted, RegistrationContext } from './interpret.ts'

/** What is worth saying of a registration that was understood: none of it changes what it is. */
export function remarks(
  { status }: HttpAnswer,
  { value, said }: Interpreted,
  { request, sent, current }: RegistrationContext,
): Deviation[] {
  const remarked = oddCredentials(value, request)
  if (status !== (request.method === 'POST' ? 201 : 200))
    remarked.push({ rule: 'status', message: `The status is ${status}.` })
  if (sent === undefined) return remarked
  remarked.push(...changes({ ...sent }, value))
  if (request.method === 'PUT') remarked.push(...notRemoved({ ...current }, { ...sent }, said))
  return remarked
}

/** What is odd about the credentials of a registration, and is kept all the same. */
function oddCredentials(registration: RegistrationResponse, { method, headers }: HttpRequest): Deviation[] {
  const deviations: Deviation[] = []
  const report = (member: string, rule: string, message: string): void =>
    void deviations.push({ member, rule, message })
  const { client_secret, registration_access_token: token, token_endpoint_auth_method: means } = registration
  if (client_secret !== undefined && means === 'none')
    report('client_secret', 'secret-for-public-client', 'A secret came with a client that does not authenticate.')
  if (client_secret === undefined && means?.startsWith('client_secret_') === true)
    report('client_secret', 'secret-missing', 'The method needs a secret, and none came.')
  if (client_secret !== undefined && registration.client_secret_expires_at === undefined) {
    report(
      'client_secret_expires_at',
      'expiry-not-stated',
      'The server does not say whether the secret expires (RFC 7591 section 3.2.1 requires it).',
    )
  }
  if (method === 'POST' && token !== undefined && headers['authorization'] === `Bearer ${token}`)
    report('registration_access_token', 'token-reused', 'The management token is the access token that registered.')
  return deviations
}
