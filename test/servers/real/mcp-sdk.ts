import { mcpSdk as profile } from '@registrant/node/profiles'
import { npmInstall, startProgram } from './process.ts'
import { web } from './server.ts'
import type { RealServer } from './server.ts'

const version = '1.32.2'

export const mcpSdk: RealServer = {
  name: 'mcp-sdk',
  title: 'MCP SDK for TypeScript, mcpAuthRouter',
  version,
  source: 'npm: @modelcontextprotocol/sdk',
  install: (folder) => npmInstall(folder, [`@modelcontextprotocol/sdk@${version}`, 'express@5.2.1']),
  start: (folder) => startProgram(folder, 'mcp-sdk.mjs'),
  connect: ({ issuer }) => ({
    options: { issuer, profile },
    metadata: { ...web, token_endpoint_auth_method: 'client_secret_post' },
  }),
}
