export { oauth4webapi, oidcClientTs, openidClient } from './libraries.ts'
export type { ClientAuth, Oauth4webapi, OidcClientTsSettings } from './libraries.ts'
export { mcpProvider } from './mcp-provider.ts'
export type {
  KeptMcpProvider,
  McpClientInformation,
  McpClientMembers,
  McpDiscovery,
  McpProvider,
  McpScope,
} from './mcp-provider.ts'
export type { Credentials, KeptClient } from './kept-client.ts'
export { whenRejected } from './kept-client.ts'
