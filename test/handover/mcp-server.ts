import type { IncomingMessage, ServerResponse } from 'node:http'

import { listen } from '../servers/test-server.ts'

/** An MCP server with one tool, behind an authorization server. */
export interface McpServer {
  /** Where it is asked. */
  readonly url: URL
  /** From now on its clients need a token of another authorization server, which judges them in its own way. */
  moveTo(issuer: string, isGood: (token: string) => Promise<boolean>): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts an MCP server whose clients need a token of that authorization server (RFC 9728), which `isGood` judges. */
export async function startMcpServer(
  firstIssuer: string,
  isGoodFirst: (token: string) => Promise<boolean>,
): Promise<McpServer> {
  let [issuer, isGood] = [firstIssuer, isGoodFirst]
  const { url, close } = await listen((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy())
  })
  const metadata = '/.well-known/oauth-protected-resource/mcp'

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', incoming.headers['access-control-request-headers'] ?? '*')
    response.setHeader('access-control-expose-headers', 'www-authenticate, mcp-session-id')
    if (incoming.method === 'OPTIONS') return void response.writeHead(204).end()
    if (incoming.url === metadata)
      return say(response, { resource: `${url}/mcp`, authorization_servers: [issuer], scopes_supported: ['openid'] })
    if (incoming.url !== '/mcp') return void response.writeHead(404).end()
    const [, token = ''] = /^Bearer (\S+)$/.exec(incoming.headers.authorization ?? '') ?? []
    if (!(await isGood(token))) {
      response.setHeader('www-authenticate', `Bearer resource_metadata="${url}${metadata}"`)
      return void response.writeHead(401).end()
    }
    if (incoming.method !== 'POST') return void response.writeHead(405).end()
    let body = ''
    for await (const chunk of incoming) body += String(chunk)
    const { id, method, params }: { id?: number; method: string; params?: { protocolVersion: string } } =
      JSON.parse(body)
    if (id === undefined) return void response.writeHead(202).end()
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'orders', version: '1.0.0' },
      },
      'tools/list': { tools: [{ name: 'list-orders', inputSchema: { type: 'object' } }] },
    }
    say(response, { jsonrpc: '2.0', id, result: results[method] ?? {} })
  }
  const moveTo: McpServer['moveTo'] = (...to) => void ([issuer, isGood] = to)
  return { url: new URL(`${url}/mcp`), moveTo, [Symbol.asyncDispose]: close }
}

function say(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
