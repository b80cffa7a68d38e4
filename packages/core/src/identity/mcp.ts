import { parseAddress } from '../exchange/addresses.ts'
import { applicationTypeOf, isLoopback } from '../model/metadata.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Finding } from '../model/http.ts'
import type { ProtectedResource } from './resource-metadata.ts'
import type { RequestInput } from '../model/registration.ts'

/** What the rules of the Model Context Protocol judge; a member that is left out is not judged. */
export interface McpClient {
  /** The metadata that the client registers, or has in its document. */
  metadata: RequestInput
  /** The authorization server, as it was discovered. */
  server?: AuthorizationServer | undefined
  /** The issuer that `server` was discovered by. */
  issuer?: string | undefined
  /** The metadata of the MCP server, as a protected resource. */
  resource?: ProtectedResource | undefined
  /** The credentials to be used, and the issuer for which they are stored. */
  credentials?: { client_id: string; issuer: string } | undefined
}

type FindInClient = (member: string, rule: string, message: string, section: string, level?: Finding['level']) => void

/**
 * Checks a client against the rules that the Model Context Protocol (revision 2026-07-28, authorization) adds to those of OAuth:
 * each `MUST` and `SHOULD` is one of that protocol. Returns all findings at once. Pure, and it never throws.
 *
 * @example
 * ```ts
 * import { applicationTypeOf } from '@registrant/core'
 * import { checkMcpClient } from '@registrant/core/identity'
 *
 * const redirect_uris = ['http://127.0.0.1/callback']
 * const findings = checkMcpClient({
 *   metadata: {
 *     redirect_uris,
 *     application_type: applicationTypeOf(redirect_uris),
 *     grant_types: ['authorization_code', 'refresh_token'],
 *   },
 * }) // none
 * ```
 * @see [MCP client registration](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/client-registration)
 */
export function checkMcpClient(client: McpClient): Finding[] {
  const findings: Finding[] = []
  const find: FindInClient = (member, rule, message, section, level = 'MUST') => {
    findings.push({ member, rule, level, message, source: `MCP 2026-07-28, ${section}` })
  }
  const given: McpClient = Object(client)
  checkMetadata(Object(given.metadata), find)
  checkServer(given, find)
  checkCredentialsOf(given, find)
  return findings
}

/** The texts in a list; none where the value is no list. */
const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

function checkMetadata({ redirect_uris, grant_types, application_type: type }: RequestInput, find: FindInClient): void {
  const section = 'application type and redirect URI constraints'
  const asked: unknown = redirect_uris ?? []
  const uris = textsIn(asked)
  const fitting = applicationTypeOf(uris)
  if (type === undefined)
    find('application_type', 'mcp-application-type', `Send it always: ${fitting} fits these redirect_uris.`, section)
  else if (type !== fitting)
    find('application_type', 'mcp-application-type', `${fitting} fits these redirect_uris.`, section, 'SHOULD')
  if (!textsIn(grant_types).includes('refresh_token'))
    find(
      'grant_types',
      'mcp-refresh-token',
      'Name refresh_token, for servers that issue one only then.',
      'refresh tokens',
      'SHOULD',
    )
  if (!Array.isArray(asked) || uris.length < asked.length || !uris.every(isAllowed))
    find('redirect_uris', 'mcp-redirect-uri', 'Each must be https, or http on this machine.', 'communication security')
}

function isAllowed(uri: string): boolean {
  const { protocol, hostname = '' } = parseAddress(uri) ?? {}
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

function checkServer({ server, issuer, resource }: McpClient, find: FindInClient): void {
  if (!server) return
  const section = 'authorization server metadata discovery'
  if (issuer !== undefined && server.issuer !== issuer)
    find('issuer', 'mcp-issuer', 'The metadata are those of another issuer: do not use them.', section)
  if (resource && !textsIn(resource.authorization_servers).includes(server.issuer))
    find(
      'authorization_servers',
      'mcp-resource-issuer',
      'The resource does not name this issuer.',
      'authorization server location',
    )
  const { code_challenge_methods_supported: methods } = server
  if (!Array.isArray(methods))
    find(
      'code_challenge_methods_supported',
      'mcp-pkce',
      'It is missing, so the server knows no PKCE: do not go on.',
      'authorization code protection',
    )
  else if (!methods.includes('S256'))
    find('code_challenge_methods_supported', 'mcp-pkce', 'S256 is not among them.', 'authorization code protection')
}

/** Finds credentials of another issuer; the address of a document may be used at every server. */
function checkCredentialsOf({ server, issuer = server?.issuer, credentials }: McpClient, find: FindInClient): void {
  if (!credentials || issuer === undefined || credentials.issuer === issuer) return
  if (textsIn([credentials.client_id]).some((id) => id.startsWith('https://'))) return
  find(
    'client_id',
    'mcp-credentials',
    'These credentials are those of another issuer: register with this one, and keep both apart.',
    'authorization server binding',
  )
}
