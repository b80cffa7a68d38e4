// Cloudflare's workers-oauth-provider outside of its workers: its one import from there is a class to extend, and its
// storage a map.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { registerHooks } from 'node:module'

import { listen, operator, ready } from './operator.mjs'

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'cloudflare:workers'
      ? { url: 'data:text/javascript,export class WorkerEntrypoint {}', shortCircuit: true }
      : next(specifier, context),
})
const { OAuthProvider } = await import('@cloudflare/workers-oauth-provider')

const kept = new Map()
const OAUTH_KV = {
  get: async (key, options) => {
    const value = kept.get(key)
    const isJson = options === 'json' || options?.type === 'json'
    return value === undefined ? null : isJson ? JSON.parse(value) : value
  },
  put: async (key, value) => void kept.set(key, value),
  delete: async (key) => void kept.delete(key),
  list: async ({ prefix = '' } = {}) => ({
    keys: [...kept.keys()].filter((key) => key.startsWith(prefix)).map((name) => ({ name })),
    list_complete: true,
  }),
}

let provider
const server = createServer(async (incoming, outgoing) => {
  const parts = []
  for await (const part of incoming) parts.push(part)
  const { method, url, headers } = incoming
  const body = parts.length > 0 ? Buffer.concat(parts) : undefined
  const answer = await provider.fetch(
    new Request(issuer + url, { method, headers, body }),
    { OAUTH_KV },
    { waitUntil() {}, passThroughOnException() {} },
  )
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
  outgoing.end(Buffer.from(await answer.arrayBuffer()))
})
const issuer = await listen(server)
const nothing = { fetch: async () => new Response('nothing here', { status: 404 }) }
provider = new OAuthProvider({
  apiRoute: '/api',
  apiHandler: nothing,
  defaultHandler: nothing,
  authorizeEndpoint: '/authorize',
  tokenEndpoint: '/oauth/token',
  clientRegistrationEndpoint: '/oauth/register',
  scopesSupported: ['orders'],
  resourceMetadata: { resource: `${issuer}/api`, authorization_servers: [issuer] },
})

ready({
  issuer,
  operator: await operator({
    forget: (id) => void kept.delete(`client:${id}`),
    newSecret: (id) => {
      const secret = crypto.randomUUID()
      const client = JSON.parse(kept.get(`client:${id}`))
      kept.set(
        `client:${id}`,
        JSON.stringify({ ...client, clientSecret: createHash('sha256').update(secret).digest('hex') }),
      )
      return secret
    },
  }),
})
