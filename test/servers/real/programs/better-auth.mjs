// better-auth with its OAuth provider, registration open to everybody.
import { createServer } from 'node:http'

import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

import { listen, operator, ready } from './operator.mjs'

let handler
const server = createServer((request, response) => handler(request, response))
const base = await listen(server)
const tables =
  'user session account verification jwks rateLimit oauthClient oauthClientAssertion oauthClientResource oauthConsent oauthResource oauthAccessToken oauthRefreshToken'
const db = Object.fromEntries(tables.split(' ').map((table) => [table, []]))
const auth = betterAuth({
  baseURL: base,
  secret: 'a-secret-of-32-characters-or-more-0123456789',
  database: memoryAdapter(db),
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [
    jwt(),
    oauthProvider({
      loginPage: '/sign-in',
      consentPage: '/consent',
      allowDynamicClientRegistration: true,
      allowUnauthenticatedClientRegistration: true,
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
    }),
  ],
})
// The library leaves it to the application to serve the metadata at the address of RFC 8414.
const api = toNodeHandler(auth)
handler = async (request, response) => {
  if (!request.url.startsWith('/.well-known/')) return api(request, response)
  const said = await (request.url.includes('openid') ? auth.api.getOpenIdConfig() : auth.api.getOAuthServerConfig())
  response.setHeader('content-type', 'application/json')
  return response.end(JSON.stringify(said))
}
ready({
  issuer: `${base}/api/auth`,
  operator: await operator({
    forget: (id) => {
      db.oauthClient = db.oauthClient.filter(({ clientId }) => clientId !== id)
    },
    // It keeps a hash of the secret.
    newSecret: async (id) => {
      const secret = crypto.randomUUID().replaceAll('-', '')
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
      db.oauthClient.find(({ clientId }) => clientId === id).clientSecret = Buffer.from(digest).toString('base64url')
      return secret
    },
  }),
})
