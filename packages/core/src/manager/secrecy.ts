import type { Answered } from '../client/context.ts'
import { PolicyError } from '../server-errors.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import type { Keeping } from './keeping.ts'
import type { Kept } from './transitions.ts'

/**
 * What of an answer is stored and handed out, where secrets or management tokens are not to be kept.
 *
 * @throws {PolicyError} `secret-not-kept`, carrying the registration: the client can't be used without its secret
 */
export function keptOf({ options, declared }: Keeping, { value, raw }: Pick<Answered, 'value' | 'raw'>): Kept {
  const { keepSecret = true, keepManagementToken = true } = options
  const dropped: string[] = []
  if (!keepSecret) {
    const method = value.token_endpoint_auth_method ?? declared.metadata.token_endpoint_auth_method
    if (method === undefined ? value.client_secret !== undefined : method.startsWith('client_secret_'))
      throw needsSecret(value)
    dropped.push('client_secret', 'client_secret_expires_at')
  }
  if (!keepManagementToken) dropped.push('registration_access_token')
  return { registration: without(value, dropped), raw: isObject(raw) ? without(raw, dropped) : raw }
}

const needsSecret = (registration: RegistrationResponse): PolicyError =>
  new PolicyError(
    'The server registered a client that authenticates with a secret, and secrets are not kept here. Declare token_endpoint_auth_method none or private_key_jwt.',
    { rule: 'secret-not-kept', outcome: 'accepted', registration },
  )

function without<T extends object>(object: T, members: readonly string[]): T {
  const rest = { ...object }
  for (const member of members) Reflect.deleteProperty(rest, member)
  return rest
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
