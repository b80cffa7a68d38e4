import type { AccessToken, AuthorizationServer } from '../model/authorization-server.ts'
import type { ClientProof, HttpAnswer, HttpRequest, Reading } from '../model/http.ts'
import { isErrorCode, NotSupportedError } from '../server-errors.ts'
import { endpointOf, requireSecure } from './addresses.ts'
import { oddities } from './deviations.ts'
import { isObject, parseJson } from './json.ts'
import { numberIn } from './normalize.ts'
import { readJsonObject, unexpected } from './response.ts'
import { retryAfterOf } from './answer-headers.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'

/**
 * Builds a token request (RFC 6749 section 3.2): `form` and the client's proof, merged.
 *
 * @example
 * ```ts
 * import { tokenRequest } from '@registrant/core/exchange'
 *
 * const server = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' }
 * const proof = { form: { client_id: 'registrar', client_secret: 'its secret' } }
 * const request = tokenRequest(server, { grant_type: 'client_credentials' }, proof)
 * ```
 * @throws {NotSupportedError} `unsupported` when the server's metadata names no token endpoint
 * @throws {PolicyError} `insecure-address` when the endpoint is neither https nor on the loopback interface nor allowed
 * @see [RFC 6749 section 3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)
 */
export function tokenRequest(
  server: AuthorizationServer,
  form: Readonly<Record<string, string | readonly string[] | undefined>>,
  proof: ClientProof & { allowHttp?: readonly string[] | undefined } = {},
): HttpRequest {
  const endpoint = proof.endpoint ?? server.token_endpoint
  if (endpoint === undefined) {
    throw new NotSupportedError(
      'unsupported',
      `The metadata of ${endpointOf(server.issuer)} names no token_endpoint, so no access token can be had there. Pass accessToken as a string or function, or name the endpoint in the option server.`,
    )
  }
  const members = Object.entries({ ...form, ...proof.form }).flatMap(([name, said]) =>
    [said ?? []].flat().flatMap((value) => (value ? [[name, value]] : [])),
  )
  const named = Object.entries(proof.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  return {
    method: 'POST',
    url: requireSecure(endpoint, 'token endpoint', proof.allowHttp),
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...Object.fromEntries(named),
    },
    body: new URLSearchParams(members).toString(),
  }
}

/** What the answer of a token endpoint is read with. */
export interface ReadTokenContext {
  request: HttpRequest
  profile?: ServerProfile | undefined
}

/**
 * Reads the answer of a token endpoint (RFC 6749 section 5).
 *
 * @example
 * ```ts
 * import { readToken, tokenRequest } from '@registrant/core/exchange'
 *
 * const server = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' }
 * const proof = { form: { client_id: 'registrar', client_secret: 'its secret' } }
 * const request = tokenRequest(server, { grant_type: 'client_credentials' }, proof)
 * const answer = await fetch(request.url, { ...request, body: request.body ?? null })
 * const { value } = readToken(
 *   { status: answer.status, headers: answer.headers, body: await answer.text() },
 *   { request },
 * )
 * ```
 * @throws {ServerRefusedError} the status is 400 or more
 * @throws {UnexpectedAnswerError} a success without an `access_token`
 * @throws {PolicyError} `redirect`
 * @see [RFC 6749 section 5](https://www.rfc-editor.org/rfc/rfc6749#section-5)
 */
export function readToken(answer: HttpAnswer, { request, profile }: ReadTokenContext): Reading<AccessToken> {
  const context = { request, profile, what: 'token request', inDoubt: 'not-sent' as const }
  const { object: raw, dropped } = readJsonObject(answer, context)
  const { access_token, token_type } = raw
  if (typeof access_token !== 'string' || access_token === '')
    throw unexpected(answer, context, 'holds no access_token')
  const value: AccessToken = { access_token }
  if (typeof token_type === 'string') value.token_type = token_type
  const seconds = numberIn(raw['expires_in'])
  if (seconds !== undefined && seconds >= 0) value.expires_in = seconds
  return { value, created: false, deviations: oddities(answer, dropped), raw }
}

/** What a token endpoint answers where no token is wanted: its status, and the OAuth error code where there is one. */
export interface TokenAnswer {
  status: number
  error?: string | undefined
  /** How long a refusal asks to be left alone, in milliseconds. */
  retryAfter?: number | undefined
  /** The answer broke off, or was not complete in time. */
  isBrokenOff?: boolean | undefined
}

/** Reads what an answer of a token endpoint says of the client that asked; never throws. */
export function readTokenAnswer(answer: HttpAnswer): TokenAnswer {
  const { status, body, cutOff } = answer
  const parsed = parseJson(body)
  const error = isObject(parsed) ? parsed['error'] : undefined
  return {
    status,
    error: isErrorCode(error) ? error : undefined,
    retryAfter: status >= 400 ? retryAfterOf(answer) : undefined,
    isBrokenOff: cutOff === 'broken' || cutOff === 'late',
  }
}
