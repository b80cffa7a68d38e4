import { inspect } from 'node:util'

import type { Settings } from './settings.ts'

/** What the page of SimpleIdServer registers: a client for a service that gets tokens for itself. */
export const metadata = {
  grant_types: ['client_credentials'],
  scope: 'openid profile',
  redirect_uris: ['https://tmp.com'],
}

/** What the update changes. */
export const changes = { scope: 'openid' }

/** The walk as a program of its own: it runs as it stands. */
export function codeOf({ issuer, clientId, scope, authentication, profile }: Settings): string {
  const literal = (value: unknown): string =>
    inspect(value, { breakLength: Infinity }).replaceAll(/\[ | \]/g, (s) => s.trim())
  const options = [
    `issuer: ${literal(issuer)}`,
    ...(clientId === undefined ? [] : ['accessToken']),
    ...(profile ? [`profile: ${profile}`] : []),
  ]
  const lines = [
    `import { RegistrationClient${clientId === undefined ? '' : ', clientCredentials'} } from '@registrant/node'`,
    profile && `import { ${profile} } from '@registrant/node/profiles'`,
    clientId && "const clientSecret = process.env['REGISTRANT_CLIENT_SECRET'] ?? ''",
    clientId && `const payer = { clientId: ${literal(clientId)}, clientSecret, scope: ${literal(scope)} }`,
    clientId && `const accessToken = clientCredentials({ ...payer, authentication: ${literal(authentication)} })`,
    `const client = new RegistrationClient({ ${options.join(', ')} })`,
    `const metadata = ${literal(metadata)}`,
    'const registered = await client.register(metadata)',
    'const current = await client.read(registered)',
    !profile && `const updated = await client.update(current, ${literal(changes)})`,
    `await client.delete(${profile ? 'current' : 'updated'})`,
  ]
  return lines.filter(Boolean).join('\n')
}
