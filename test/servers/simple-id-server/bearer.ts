import { compactVerify } from 'jose'

import { Crash } from './answer.ts'
import type { Refusal } from './answer.ts'
import type { Host, Incoming } from './host.ts'
import { kid } from './keys.ts'

/** How long after its end a token is still taken, in seconds; the older release never looks. */
const grace = 300

const unknownToken = { error: 'invalid_token', description: 'either the access token has been revoked or is invalid' }

/**
 * Why the request may not register a client; `undefined` if it may.
 *
 * @throws {Crash} for what breaks the server: a text with two dots that is no token, or a refresh token
 */
export async function refusedToken(incoming: Incoming, host: Host): Promise<Refusal | undefined> {
  const token = bearerOf(incoming)
  if (token === undefined) return { error: 'access_denied', description: 'missing token' }
  const head = host.version === 'head'
  const parts = token.split('.')
  if (parts.length !== 3) return head ? refusedReference(token, host) : invalid('JSON Web Token cannot be read')
  const [header, claims] = parts.slice(0, 2).map(decoded)
  if (header === undefined || claims === undefined) throw new Crash('no token')

  if (head && claims['iss'] !== incoming.issuer) return invalid('the access token issuer is not valid')
  const known = host.knownRealms.some(({ name }) => name === incoming.realm)
  const named = typeof header['kid'] === 'string' ? header['kid'] : ''
  if (!known || named !== kid)
    return invalid(`no JWK with identifier ${named} has been found to check the signature of the JWT`)
  if (!(await isSigned(token, host)))
    return invalid(head ? libraryText(header) : "JWT doesn't have a correct signature")
  if (head && Number(claims['exp']) + grace < Date.now() / 1000)
    return invalid('IDX10223: Lifetime validation failed. The token is expired.')
  if (head && !host.tokens.has(token)) return unknownToken
  const { scope } = claims
  return (Array.isArray(scope) ? scope : [scope]).includes('register') ? undefined : notAuthorized
}

const notAuthorized = {
  error: 'request_denied',
  description: "you're not authorized to access to the permissions endpoint",
}

const invalid = (description: string): Refusal => ({ error: 'invalid_request', description })

/** The token in the first `Authorization` header that is exactly `Bearer` and one word. */
function bearerOf({ authorizations }: Incoming): string | undefined {
  const words = authorizations.map((header) => header.split(' '))
  return words.find(([scheme, ...values]) => scheme === 'Bearer' && values.length === 1)?.[1]
}

/** A token by reference is accepted whatever it was issued for, and for ever. */
function refusedReference(token: string, { tokens }: Host): Refusal | undefined {
  const issued = tokens.get(token)
  if (issued?.kind === 'refresh') throw new Crash('a refresh token')
  return issued === undefined ? unknownToken : undefined
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

async function isSigned(token: string, { keys }: Host): Promise<boolean> {
  return compactVerify(token, keys.publicKey).then(
    () => true,
    () => false,
  )
}

const libraryText = ({ alg }: Record<string, unknown>): string =>
  alg === 'none'
    ? 'IDX10504: Unable to validate signature, token does not have a signature.'
    : 'IDX10511: Signature validation failed.\nKeys tried: one.'
