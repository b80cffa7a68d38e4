import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Finding } from '../model/finding.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { effective } from './rule.ts'
import { lists } from './server-lists.ts'
import type { Said } from './server-features.ts'
import { rows } from './server-features.ts'

/**
 * What of a request does not fit a server's metadata, before it is sent. `rule` is the member of the server's metadata.
 *
 * A list that the server does not publish says nothing. Flags and endpoints that are absent count only in a complete
 * document, one with `response_types_supported`: what was written by hand for the option `server` leaves them out. A
 * `SHOULD` is about metadata that often does not tell the truth; it never refuses. Pure.
 */
export function preflight(request: RegistrationRequest, server: AuthorizationServer): Finding[] {
  const findings: Finding[] = []
  const asked = effective(request, () => {})
  const source = `metadata of ${server.issuer}`
  const say: Said = (rule, member, message, level = 'PREFLIGHT') => {
    findings.push({ member, rule, level, message, source })
  }
  lists(asked, server, say)
  for (const row of rows) row(asked, server, say)
  return findings
}
