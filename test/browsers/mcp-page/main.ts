// An MCP client in a page: the SDK signs the user in by a redirect, and the page goes on where that leads back to it.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'
import type { OAuthClientProvider } from '@modelcontextprotocol/client'
import { applicationTypeOf, indexedDbStore, RegistrationManager } from '@registrant/browser'
import { mcpProvider } from '@registrant/browser/handover'

const redirectUrl = `${location.origin}/`
const redirect_uris = [redirectUrl]
const metadata = {
  redirect_uris,
  application_type: applicationTypeOf(redirect_uris),
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

/** Values that are kept in the tab, across the redirect. */
const kept = {
  get: (name: string) => JSON.parse(sessionStorage.getItem(name) ?? 'null') ?? undefined,
  set: (name: string, value: unknown) => sessionStorage.setItem(name, JSON.stringify(value)),
}

const own: OAuthClientProvider = {
  redirectUrl,
  clientMetadata: metadata,
  clientInformation: () => undefined,
  tokens: () => kept.get('tokens'),
  saveTokens: (tokens) => kept.set('tokens', tokens),
  codeVerifier: () => kept.get('verifier'),
  saveCodeVerifier: (verifier) => kept.set('verifier', verifier),
  discoveryState: () => kept.get('discovery'),
  saveDiscoveryState: (state) => kept.set('discovery', state),
  redirectToAuthorization: (url) => location.assign(url),
}
const store = indexedDbStore()
const authProvider = mcpProvider(own, (server) => {
  return new RegistrationManager({ server, application: 'agent', metadata, store, forgetDelay: 0 })
})

const asked = new URLSearchParams(location.search)
const mcp = asked.get('mcp') ?? String(kept.get('mcp'))
kept.set('mcp', mcp)

async function connect(): Promise<string> {
  const code = asked.get('code')
  if (code !== null)
    await new StreamableHTTPClientTransport(new URL(mcp), { authProvider }).finishAuth(
      code,
      asked.get('iss') ?? undefined,
    )
  const client = new Client({ name: 'agent', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(mcp), { authProvider }))
  const { tools } = await client.listTools()
  return tools.map(({ name }) => name).join()
}

const output = document.querySelector('output')
const show = (text: string): void => {
  if (output) output.textContent = text
}
connect().then(show, (error: unknown) => {
  if (!(error instanceof UnauthorizedError)) show(`failed: ${String(error)}`)
})
