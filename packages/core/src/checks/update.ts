import type { Finding } from '../model/http.ts'
import type { RegistrationResponse, UpdateRequest } from '../model/registration.ts'
import type { Given } from '../model/values.ts'
import { isMetadata } from '../model/members.ts'
import { checkRequest } from './request.ts'

/**
 * What is wrong with an update (RFC 7592 section 2.2): that of any request, and whether it is about `current` and complete.
 * A member that is left out is a `SHOULD`, since the server deletes it. Pure, and it never throws.
 *
 * `client.update` makes its request complete by itself; this is for people with their own HTTP.
 *
 * @example
 * ```ts
 * import { checkUpdate } from '@registrant/core/checks'
 *
 * const current = { client_id: 'c1', redirect_uris: ['https://app.example/callback'] }
 * const findings = checkUpdate({ client_id: 'c1', redirect_uris: ['https://app.example/other'] }, current)
 * ```
 * @see [RFC 7592 section 2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)
 */
export function checkUpdate(update: UpdateRequest, current: Given<RegistrationResponse>): Finding[] {
  const source = 'RFC 7592 section 2.2'
  const { client_id, client_secret, ...metadata } = update
  const findings = checkRequest(metadata)
  if (client_id !== current.client_id)
    findings.push({ member: 'client_id', rule: 'R20', level: 'MUST', source, message: 'It must be the issued one.' })
  if (client_secret !== undefined && client_secret !== current.client_secret)
    findings.push({
      member: 'client_secret',
      rule: 'R19',
      level: 'MUST',
      source,
      message: 'It must be the current one, or be left out.',
    })
  for (const member of Object.keys(current))
    if (isMetadata(member) && !Object.hasOwn(update, member))
      findings.push({
        member,
        rule: 'R22',
        level: 'SHOULD',
        source,
        message: 'The server deletes what an update leaves out.',
      })
  return findings
}
