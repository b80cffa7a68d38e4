// An MCP client of the SDK (version 2): its own provider keeps tokens and redirects, ours the client. It registers once.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'
import type { OAuthClientProvider } from '@modelcontextprotocol/client'
import { applicationTypeOf, RegistrationManager } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'
import { mcpProvider } from '@registrant/node/handover'

const redirect_uris = ['http://127.0.0.1/callback']
const metadata = {
  client_name: 'Agent',
  redirect_uris,
  application_type: applicationTypeOf(redirect_uris),
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

/** What a person does in a browser: signs in at that address, and comes back with a code. */
export type SignIn = () => Promise<{ code: string; iss?: string }>

/** The names of the tools that an MCP server has. */
export async function toolsOf(
  mcpServer: URL,
  own: OAuthClientProvider,
  { store, signIn }: { store: RegistrationStore; signIn: SignIn },
): Promise<string[]> {
  const authProvider = mcpProvider(own, (server) => {
    // One for each authorization server. A person waits, so one denial by the server is enough.
    return new RegistrationManager({ server, application: 'agent', metadata, store, forgetDelay: 0 })
  })
  const ask = async (): Promise<string[]> => {
    const client = new Client({ name: 'agent', version: '1.0.0' })
    await client.connect(new StreamableHTTPClientTransport(mcpServer, { authProvider }))
    const { tools } = await client.listTools()
    await client.close()
    return tools.map(({ name }) => name)
  }
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error
    const { code, iss } = await signIn()
    await new StreamableHTTPClientTransport(mcpServer, { authProvider }).finishAuth(code, iss)
    return ask()
  }
}
