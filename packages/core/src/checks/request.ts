import type { Finding } from '../model/finding.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { addresses } from './addresses.ts'
import { algorithms, offered } from './algorithms.ts'
import { authentication } from './authentication.ts'
import { effective } from './rule.ts'
import type { Check, Find } from './find.ts'
import { given } from './given.ts'
import { backchannel } from './backchannel.ts'
import { grants, scope } from './grants.ts'
import { keys } from './keys.ts'
import { languages } from './languages.ts'
import { logout } from './logout.ts'
import { redirects, subjects } from './redirects.ts'
import { statement } from './statement.ts'

const checks: readonly Check[] = [
  keys,
  redirects,
  grants,
  authentication,
  algorithms,
  offered,
  addresses,
  logout,
  subjects,
  backchannel,
  scope,
  languages,
  statement,
]

/**
 * What is wrong with a request by the specifications alone, whatever the server: a `MUST` refuses it, a `SHOULD` is worth
 * knowing. All findings at once, none twice. Pure, and it never throws.
 *
 * The claims of a software statement are taken into account, since they count more than the members beside it.
 */
export function checkRequest(request: RegistrationRequest): Finding[] {
  const findings = new Map<string, Finding>()
  const find: Find = (rule, member, message, source, level = 'MUST') => {
    findings.set(`${rule} ${member} ${message}`, { member, rule, level, message, source })
  }
  given(request, find)
  const asked = effective(request, find)
  for (const check of checks) check(asked, find)
  return [...findings.values()]
}
