import { checkRequest } from '../checks/index.ts'
import type { JsonObject } from '../exchange/json.ts'
import { isObject, parseJson } from '../exchange/json.ts'
import type { Finding } from '../model/http.ts'
import { holdsSecret } from '../model/jwk.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { checkClientIdUrl, inDrafts, isNumeric } from './client-id-url.ts'

/** The most bytes that servers read of a document (5 kB). */
const mostBytes = 5000

type FindInDocument = (member: string, rule: string, message: string, source: string, level?: Finding['level']) => void

/**
 * Checks a client ID metadata document at its address, by the newest draft (02) and the one that the Model Context Protocol
 * names (00); each finding names its draft and section. A `MUST` keeps servers from taking the document, a `SHOULD` is worth
 * knowing. Returns all findings at once; those about the metadata are those of `checkRequest()`. Pure, and it never throws.
 *
 * @param url where servers fetch the document, which is the client's identifier
 * @param document what servers get: the parsed JSON, or its text
 * @example
 * ```ts
 * import { checkClientMetadataDocument } from '@registrant/core/identity'
 *
 * const url = 'https://app.example/client.json'
 * const findings = checkClientMetadataDocument(url, await (await fetch(url)).text())
 * for (const { level, member, message, source } of findings) console.log(level, member, message, source)
 * ```
 * @see [OAuth Client ID Metadata Document section 4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-02#section-4)
 */
export function checkClientMetadataDocument(url: string, document: unknown): Finding[] {
  const findings = checkClientIdUrl(url)
  const find: FindInDocument = (member, rule, message, source, level = 'MUST') => {
    findings.push({ member, rule, level, message, source })
  }
  const [parsed, bytes] = parseDocument(document)
  if (!isObject(parsed)) {
    find(
      'document',
      'document-json',
      'It must be a JSON object, nested no deeper than 32 levels.',
      inDrafts('4', '4.1'),
    )
    return findings
  }
  if (bytes > mostBytes)
    find(
      'document',
      'document-size',
      `It has ${bytes} bytes, and servers need not read more than 5 kB.`,
      inDrafts('8.7', '6.6'),
      'SHOULD',
    )
  checkIdentifier(parsed, url, find)
  checkCredentials(parsed, find)
  checkAddresses(parsed, find)
  checkForMcp(parsed, find)
  return [...findings, ...metadataFindings(parsed)]
}

/** A document as parsed JSON, and the length of its text in bytes. */
function parseDocument(document: unknown): [parsed: unknown, bytes: number] {
  try {
    const text = typeof document === 'string' ? document : JSON.stringify(document)
    return [parseJson(text), new TextEncoder().encode(text).byteLength]
  } catch {
    return [undefined, 0]
  }
}

function checkIdentifier({ client_id }: JsonObject, url: string, find: FindInDocument): void {
  if (client_id === url) return
  const what = typeof client_id === 'string' ? 'It is another one' : 'It is missing'
  find(
    'client_id',
    'document-client-id',
    `${what}: it must be the address of the document, character for character.`,
    inDrafts('4', '4.1'),
  )
}

const sharedSecret = /^client_secret_/

/** Finds secrets, and methods that need a shared secret. */
function checkCredentials(document: JsonObject, find: FindInDocument): void {
  const source = inDrafts('4.1', '4.1')
  for (const member of ['client_secret', 'client_secret_expires_at'])
    if (Object.hasOwn(document, member))
      find(member, 'document-secret', 'A document must not have it: leave it out.', source)
  if (Object.hasOwn(document, 'registration_access_token'))
    find(
      'registration_access_token',
      'document-secret',
      'It is a secret of one server, and everybody can read a document: leave it out, and have it replaced.',
      'RFC 7592 section 5',
    )
  const { token_endpoint_auth_method: method, token_endpoint_auth_methods_supported: methods, jwks } = document
  if (typeof method === 'string' && sharedSecret.test(method))
    find(
      'token_endpoint_auth_method',
      'document-method',
      `${method} needs a shared secret, and there is no way to agree on one: use none or private_key_jwt.`,
      source,
    )
  if (method === undefined)
    find(
      'token_endpoint_auth_method',
      'document-method',
      'Say none or private_key_jwt: left out it means client_secret_basic, which needs a shared secret.',
      `${source}, RFC 7591 section 2`,
      'SHOULD',
    )
  if (Array.isArray(methods) && methods.some((it) => typeof it === 'string' && sharedSecret.test(it)))
    find(
      'token_endpoint_auth_methods_supported',
      'document-method',
      'It names methods that need a shared secret, which no server can use with a document.',
      source,
      'SHOULD',
    )
  for (const [member, value] of Object.entries(document))
    if (holdsPrivateKey(value))
      find(
        member,
        'document-private-key',
        'It holds a private or shared key: publish public keys only, and replace this one.',
        member === 'jwks' && jwks !== undefined ? `${inDrafts('4.1')}, RFC 7591 section 2` : inDrafts('4.1'),
      )
}

/** Whether a JSON Web Key that is more than a public key stands anywhere in a value. */
function holdsPrivateKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (!Array.isArray(value) && 'kty' in value && (value.kty === 'oct' || holdsSecret(value))) return true
  return Object.values(value).some(holdsPrivateKey)
}

/** Members whose address servers fetch or show; the rules of the metadata judge the other addresses. */
const addressMembers = 'client_uri logo_uri tos_uri policy_uri jwks_uri initiate_login_uri sector_identifier_uri'.split(
  ' ',
)

function checkAddresses(document: JsonObject, find: FindInDocument): void {
  for (const [member, value] of Object.entries(document)) {
    if (typeof value !== 'string' || !addressMembers.includes(member.split('#', 1)[0] ?? '') || !URL.canParse(value))
      continue
    const { protocol, hostname } = new URL(value)
    const source = inDrafts('8.6', '6.5')
    if (protocol !== 'https:')
      find(member, 'document-address', 'Servers take https addresses alone here.', source, 'SHOULD')
    else if (isNumeric(hostname) || hostname === 'localhost')
      find(
        member,
        'document-address',
        'Name a public host: servers fetch from no special-use address.',
        source,
        'SHOULD',
      )
  }
}

/** Checks what the Model Context Protocol demands of a document in addition. */
function checkForMcp(document: JsonObject, find: FindInDocument): void {
  const source = 'MCP 2025-11-25 and 2026-07-28, client ID metadata documents'
  const { client_name: name, redirect_uris: uris } = document
  if (typeof name !== 'string' || name.trim() === '')
    find('client_name', 'document-mcp', 'MCP demands it, and people are shown it.', source, 'SHOULD')
  if (!Array.isArray(uris) || uris.length === 0)
    find('redirect_uris', 'document-mcp', 'MCP demands at least one.', source, 'SHOULD')
}

/** Rules of the metadata that a rule of the draft covers already, or that are meant for a request only. */
const saidAlready = /^(?:R09|R12|R15|R19|R20)$/

function metadataFindings(document: JsonObject): Finding[] {
  const { client_id: _, client_secret: __, '@context': ___, ...rest } = document
  const metadata: RegistrationRequest = {}
  return checkRequest(Object.assign(metadata, rest)).filter(
    ({ rule, level }) => !saidAlready.test(rule) || (rule === 'R15' && level === 'SHOULD'),
  )
}
