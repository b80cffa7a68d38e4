import type { HttpRequest } from '../model/http.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'

/** Lays an answer over what is known: what it leaves out of the credentials stays as it was (RFC 7592 section 3). */
export function carryOver(
  answered: RegistrationResponse,
  {
    current,
    request,
    profile,
  }: { current?: RegistrationResponse | undefined; request: HttpRequest; profile?: ServerProfile | undefined },
): RegistrationResponse {
  const value = { ...answered }
  if (current === undefined || current.client_id !== answered.client_id) return value
  value.registration_access_token ??= current.registration_access_token
  value.registration_client_uri ??= current.registration_client_uri
  value.client_id_issued_at ??= current.client_id_issued_at
  const hashed = request.method === 'GET' && profile?.readSecretIsHashed === true && current.client_secret !== undefined
  if (value.client_secret === undefined || hashed) value.client_secret = current.client_secret
  if (value.client_secret === current.client_secret) value.client_secret_expires_at ??= current.client_secret_expires_at
  for (const member of Object.keys(value)) if (value[member] === undefined) delete value[member]
  return value
}
