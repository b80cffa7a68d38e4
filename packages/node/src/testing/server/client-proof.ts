import { constants, createPublicKey, verify } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'

import type { SeenRequest } from './answer.ts'
import type { RegisteredClient } from './options.ts'

/** What a client may sign its assertions with. */
export const algorithms: readonly string[] =
  'ES256 PS256 RS256 ES384 PS384 RS384 ES512 PS512 RS512 EdDSA Ed25519'.split(' ')

/** The client that asks for a token, and what proves it. */
interface Credentials {
  id: string
  secret: string | undefined
  assertion: string | undefined
}

/** What a request to the token endpoint says of its client: in the header, in the form, or in an assertion. */
export function credentialsIn({ headers, body }: SeenRequest): Credentials {
  const form = new URLSearchParams(body)
  const decoded = (text: string): string => new URLSearchParams(`x=${text}`).get('x') ?? ''
  const [, basic] = /^Basic (\S+)$/.exec(headers.authorization ?? '') ?? []
  const assertion = form.get('client_assertion') ?? undefined
  const [id, secret] =
    basic === undefined
      ? [form.get('client_id') ?? String(claimsIn(assertion).sub), form.get('client_secret') ?? undefined]
      : Buffer.from(basic, 'base64').toString().split(':').map(decoded)
  return { id: id ?? '', secret, assertion }
}

/** Whether a client proves itself in the way that it is registered with; `audiences` are the names of this server. */
export function isProven(client: RegisteredClient, { secret, assertion }: Credentials, audiences: unknown[]): boolean {
  const method = client['token_endpoint_auth_method']
  if (method === 'none') return true
  if (method === 'private_key_jwt') return assertion !== undefined && isAssertionOf(client, assertion, audiences)
  return secret !== undefined && client['client_secret'] === secret
}

/**
 * Whether an assertion (RFC 7523 section 3) is this client's and for this server, has not ended, and one of its keys signed
 * it. Keys at an address are not fetched: a client that has a `jwks_uri` is believed.
 */
function isAssertionOf(client: RegisteredClient, jwt: string, audiences: unknown[]): boolean {
  const { iss, sub, aud, exp = 0 } = claimsIn(jwt)
  const isMeant = [iss, sub].every((it) => it === client.client_id) && [aud].flat().some((it) => audiences.includes(it))
  if (!isMeant || exp * 1000 <= Date.now()) return false
  const { keys = [] }: { keys?: JsonWebKey[] } = Object(client['jwks'])
  return client['jwks_uri'] !== undefined || keys.some((key) => isSignedBy(key, jwt))
}

function isSignedBy(key: JsonWebKey, jwt: string): boolean {
  const [header = '', claims, signature = ''] = jwt.split('.')
  const { alg = '' }: { alg?: string } = read(header)
  const [, bits] = /^[A-Z]S(\d+)$/.exec(alg) ?? []
  const padding = alg.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : undefined
  try {
    const how = { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363', padding } as const
    const text = Buffer.from(`${header}.${claims}`)
    return algorithms.includes(alg) && verify(bits && `sha${bits}`, text, how, Buffer.from(signature, 'base64url'))
  } catch {
    return false // a key for something else
  }
}

/** The claims of an assertion, without verification. */
const claimsIn = (jwt = ''): { iss?: unknown; sub?: unknown; aud?: unknown; exp?: number } => read(jwt.split('.')[1])

function read(part = ''): object {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString()))
  } catch {
    return {}
  }
}
