// Cloudflare's workers-oauth-provider outside of its workers: its one import from there is a class to extend, its storage a map,
// and the flag that it asks for says that `fetch` reaches the public network alone. Tells its address on its standard output.
import { createServer } from 'node:http'
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'cloudflare:workers'
      ? { url: 'data:text/javascript,export class WorkerEntrypoint {}', shortCircuit: true }
      : next(specifier, context),
})
globalThis.Cloudflare = { compatibilityFlags: { global_fetch_strictly_public: true } }
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

/** What an application makes of an authorization request: it says which client asks, or why there is none. */
async function authorize(request, { OAUTH_PROVIDER }) {
  if (new URL(request.url).pathname !== '/authorize') return new Response(null, { status: 404 })
  try {
    const { clientId, redirectUri } = await OAUTH_PROVIDER.parseAuthRequest(request)
    const { clientName } = await OAUTH_PROVIDER.lookupClient(clientId)
    return Response.json({ clientId, clientName, redirectUri })
  } catch (error) {
    return Response.json({ error: String(error) }, { status: 400 })
  }
}

let provider
async function respond(incoming, outgoing) {
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
}

const server = createServer((incoming, outgoing) => void respond(incoming, outgoing))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`
provider = new OAuthProvider({
  apiRoute: '/api',
  apiHandler: { fetch: async () => new Response(null, { status: 404 }) },
  defaultHandler: { fetch: authorize },
  authorizeEndpoint: '/authorize',
  tokenEndpoint: '/token',
  clientRegistrationEndpoint: '/register',
  clientIdMetadataDocumentEnabled: true,
  resourceMetadata: { resource: `${issuer}/api`, authorization_servers: [issuer] },
})
process.stdout.write(`${issuer}\n`)
