import { inspect } from 'node:util'

import type { RegistrationRequest } from '@registrant/node'
import * as profiles from '@registrant/node/profiles'
import type { ServerProfile } from '@registrant/node/profiles'

import type { Settings } from './settings.ts'

/** What the page of SimpleIdServer registers: a client for a service that gets tokens for itself. */
export const usual: RegistrationRequest = {
  grant_types: ['client_credentials'],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_basic',
  scope: 'openid profile',
  redirect_uris: ['https://tmp.com'],
}

/** What an update changes: of what was registered, something that hurts nobody. */
export function changesOf(metadata: RegistrationRequest): RegistrationRequest {
  return metadata === usual ? { scope: 'openid' } : { client_name: `${metadata.client_name ?? 'A client'}, updated` }
}

const all = new Map(Object.entries<ServerProfile>(profiles))

/** The profile that was asked for. */
export const profileOf = ({ profile }: Pick<Settings, 'profile'>): ServerProfile | undefined => all.get(profile ?? '')

/** The walk as a program of its own: it runs as it stands. */
export function codeOf(settings: Settings): string {
  const { issuer, clientId, initialAccessToken, scope, authentication, profile, metadata = usual } = settings
  const cannot = profileOf(settings)?.cannot ?? {}
  const options = [
    `issuer: ${literal(issuer)}`,
    ...(clientId === undefined && initialAccessToken === undefined ? [] : ['accessToken']),
    ...(profile ? [`profile: ${profile}`] : []),
  ]
  const current = cannot.read ? 'registered' : 'current'
  const lines = [
    `import { RegistrationClient${clientId === undefined ? '' : ', clientCredentials'} } from '@registrant/node'`,
    profile && `import { ${profile} } from '@registrant/node/profiles'`,
    clientId && "const clientSecret = process.env['REGISTRANT_CLIENT_SECRET'] ?? ''",
    clientId && `const payer = { clientId: ${literal(clientId)}, clientSecret, scope: ${literal(scope)} }`,
    clientId && `const accessToken = clientCredentials({ ...payer, authentication: ${literal(authentication)} })`,
    initialAccessToken && "const accessToken = process.env['REGISTRANT_INITIAL_ACCESS_TOKEN'] ?? ''",
    `const client = new RegistrationClient({ ${options.join(', ')} })`,
    `const metadata = ${literal(metadata)}`,
    'const registered = await client.register(metadata)',
    !cannot.read && 'const current = await client.read(registered)',
    !cannot.update && `const updated = await client.update(${current}, ${literal(changesOf(metadata))})`,
    !cannot.delete && `await client.delete(${cannot.update ? current : 'updated'})`,
  ]
  return lines.filter(Boolean).join('\n')
}

const literal = (value: unknown): string =>
  inspect(value, { breakLength: Infinity, depth: Infinity, maxArrayLength: null, maxStringLength: null }).replaceAll(
    /\[ | \]/g,
    (bracket) => bracket.trim(),
  )
