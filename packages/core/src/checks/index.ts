import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Finding } from '../model/finding.ts'
import type { RegistrationRequest } from '../model/registration.ts'

export { checkProfile } from './profile.ts'

/** What is wrong with a request by the specifications alone. Pure. */
export function checkRequest(_request: RegistrationRequest): Finding[] {
  return []
}

/** What of a request does not fit a server's metadata. Pure; a list that the server does not publish says nothing. */
export function preflight(_request: RegistrationRequest, _server: AuthorizationServer): Finding[] {
  return []
}
