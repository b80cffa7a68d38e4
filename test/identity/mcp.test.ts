// checkMcpClient(): the rules that the Model Context Protocol has for clients.
import { applicationTypeOf } from '@registrant/node'
import type { RegistrationRequest } from '@registrant/node'
import { checkMcpClient } from '@registrant/node/identity'
import type { McpClient } from '@registrant/node/identity'
import { expect, test } from 'vitest'

const redirect_uris = ['http://127.0.0.1:3000/callback', 'http://localhost:3000/callback']
const metadata: RegistrationRequest = {
  redirect_uris,
  application_type: applicationTypeOf(redirect_uris),
  grant_types: ['authorization_code', 'refresh_token'],
}
const issuer = 'https://as.example'
const server = { issuer, code_challenge_methods_supported: ['S256'] }
const resource = { resource: 'https://mcp.example', authorization_servers: [issuer] }
const good: McpClient = { metadata, server, issuer, resource, credentials: { issuer, client_id: 'c1' } }
const web = ['https://app.example/callback']

const rows: [rule: string, level: 'MUST' | 'SHOULD', passes: Partial<McpClient>, breaks: Partial<McpClient>][] = [
  [
    'mcp-application-type',
    'MUST',
    { metadata: { ...metadata, redirect_uris: web, application_type: 'web' } },
    { metadata: { ...metadata, application_type: undefined } },
  ],
  ['mcp-application-type', 'SHOULD', {}, { metadata: { ...metadata, application_type: 'web' } }],
  ['mcp-refresh-token', 'SHOULD', {}, { metadata: { ...metadata, grant_types: ['authorization_code'] } }],
  [
    'mcp-redirect-uri',
    'MUST',
    { metadata: { ...metadata, redirect_uris: ['http://[::1]/cb'] } },
    { metadata: { ...metadata, redirect_uris: ['app.example:/cb'] } },
  ],
  ['mcp-redirect-uri', 'MUST', {}, { metadata: { ...metadata, redirect_uris: ['http://app.example/cb'] } }],
  ['mcp-issuer', 'MUST', { issuer: undefined }, { issuer: `${issuer}/` }],
  [
    'mcp-resource-issuer',
    'MUST',
    { resource: undefined },
    { resource: { ...resource, authorization_servers: ['https://other.example'] } },
  ],
  ['mcp-pkce', 'MUST', { server: undefined }, { server: { issuer } }],
  ['mcp-pkce', 'MUST', {}, { server: { issuer, code_challenge_methods_supported: ['plain'] } }],
  [
    'mcp-credentials',
    'MUST',
    { credentials: undefined },
    { credentials: { issuer: 'https://before.example', client_id: 'c1' } },
  ],
  [
    'mcp-credentials',
    'MUST',
    { credentials: { issuer: 'https://before.example', client_id: 'https://app.example/client.json' } },
    { server: undefined, credentials: { issuer: 'https://before.example', client_id: 'c1' } },
  ],
]

test('a client that keeps the rules', () => {
  expect(checkMcpClient(good)).toEqual([])
  expect(checkMcpClient({ metadata })).toEqual([])
})

test.each(rows)('%s (%s)', (rule, level, passes, breaks) => {
  expect(checkMcpClient({ ...good, ...passes })).toEqual([])
  expect(checkMcpClient({ ...good, ...breaks })).toContainEqual({
    rule,
    level,
    member: expect.any(String),
    message: expect.stringMatching(/^[^\n]{10,160}\.$/),
    source: expect.stringMatching(/^MCP 2026-07-28, /),
  })
})

test.each<object | null>([
  null,
  {},
  { metadata: null },
  { metadata: { redirect_uris: 'http://127.0.0.1/callback', grant_types: null } },
  { metadata: { redirect_uris: [null, 5], grant_types: 'refresh_token' } },
  { ...good, metadata: null, server: null, resource: null, credentials: null },
  { ...good, resource: { authorization_servers: 5 }, credentials: { client_id: 5 } },
])('a client that is none, or has members of other types, is judged and throws nothing: %j', (client) => {
  expect(Reflect.apply(checkMcpClient, undefined, [client])).toContainEqual(
    expect.objectContaining({ rule: expect.stringMatching(/^mcp-/) }),
  )
})

test('redirect URIs that are no list of texts are not allowed', () => {
  for (const wrong of [5, 'https://app.example/callback', [5]]) {
    const client = { metadata: { ...metadata, redirect_uris: wrong } }
    expect(Reflect.apply(checkMcpClient, undefined, [client])).toContainEqual(
      expect.objectContaining({ rule: 'mcp-redirect-uri', level: 'MUST' }),
    )
  }
})
