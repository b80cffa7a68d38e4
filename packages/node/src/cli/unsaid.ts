import type { Finding, RegistrationStatus } from '@registrant/core'

import type { Members } from '../environment/configuration.ts'
import { variableOf } from '../environment/members.ts'
import { ConfigurationError } from './configured.ts'
import type { Opened } from './configured.ts'
import { printable } from './show.ts'

/** The options by which a program names a client that it does not register. No configuration says them. */
const naming = { 'pre-registered': 'preRegistered', 'metadata-document': 'metadataDocument' } as const

/** What the application says of the stored client and the configuration does not: a declaration without that would undo it. */
export function unsaid({ client_id = '', jwks, route }: RegistrationStatus, { keys }: Members): Finding[] {
  const found: (readonly [member: string, message: string])[] = []
  if (jwks !== undefined && keys === undefined)
    found.push([
      variableOf('keys'),
      'It is missing, and the application keeps keys for the stored client, which would be taken from it. Give what the application gives as its option keys, or true where that is empty; false takes the keys away.',
    ])
  if (route !== undefined)
    found.push([
      naming[route],
      `By this option, which only a program can give, the application names the client ${printable(client_id)}: another would be registered in its place. Leave that to the application, or give the client up with registrant forget.`,
    ])
  return found.map(([member, message]) => ({ member, message, rule: 'option', level: 'MUST', source: 'options' }))
}

/**
 * How things stand, for a command that may send another declaration than the stored client has.
 *
 * @throws {ConfigurationError} the configuration does not say what the application says of that client
 */
export async function statusIfSaid({ manager, configured }: Opened, signal: AbortSignal): Promise<RegistrationStatus> {
  const status = await manager.status({ signal })
  const findings = unsaid(status, configured.members)
  if (findings.length > 0) throw new ConfigurationError(findings)
  return status
}
