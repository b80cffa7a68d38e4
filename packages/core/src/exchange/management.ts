import { InvalidRequestError } from '../errors.ts'
import { NotSupportedError, PolicyError } from '../server-errors.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import { withMembers } from '../model/members.ts'
import type { Deviation, HttpAnswer, HttpRequest } from '../model/http.ts'
import type { RegistrationRequest, RegistrationResponse, RequestInput } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { completing, requireSuccess, unexpected, verdictOf } from './response.ts'
import { derivedAddress, managementAddress } from './addresses.ts'
import { displayEndpoint } from './redact.ts'
import { changes as differences } from './deviations.ts'
import { namesClient } from './interpret.ts'
import type { JsonObject } from './json.ts'
import { isObject, parseJson, wireBody } from './json.ts'
import { normalize } from './normalize.ts'

/** What a request to a client configuration endpoint is built with. */
export interface ConfigurationOptions {
  profile?: ServerProfile | undefined
  /** Origins on which the management address may lie. Default: of the registration endpoint, issuer and mutual-TLS aliases. */
  allowedOrigins?: readonly string[] | undefined
  /** The access token that authorizes the request where the profile demands one (`managementAuthorization`). */
  accessToken?: string | undefined
  /** Origins that may be asked by plain http, for development. Default: none but this machine. */
  allowHttp?: readonly string[] | undefined
  /** The scheme of the access token. Default: `Bearer`. */
  scheme?: string | undefined
  /** A body that an update sends instead of the metadata as JSON. */
  encoded?: { contentType: string; body: string } | undefined
}

/**
 * Builds the request that reads a registration (RFC 7592 section 2.1).
 *
 * Some servers rotate the management token on a read: treat it as a write.
 *
 * @example
 * ```ts
 * import type { AuthorizationServer, RegistrationResponse } from '@registrant/core'
 * import { configurationRequest } from '@registrant/core/exchange'
 *
 * declare const server: AuthorizationServer
 * declare const current: RegistrationResponse
 * const { url, headers } = configurationRequest(server, current)
 * ```
 * @throws {NotSupportedError} `not-managed` without a management token or address, `unsupported` by the profile
 * @throws {PolicyError} `management-address` when the address may not be contacted
 * @see [RFC 7592 section 2.1](https://www.rfc-editor.org/rfc/rfc7592#section-2.1)
 */
export function configurationRequest(
  server: AuthorizationServer,
  current: RegistrationResponse,
  options: ConfigurationOptions = {},
): HttpRequest {
  return managementRequest('GET', 'read', server, current, options)
}

/**
 * Builds the request that deletes a registration (RFC 7592 section 2.3).
 *
 * @example
 * ```ts
 * import type { AuthorizationServer, RegistrationResponse } from '@registrant/core'
 * import { deletionRequest } from '@registrant/core/exchange'
 *
 * declare const server: AuthorizationServer
 * declare const current: RegistrationResponse
 * const { url, method, headers } = deletionRequest(server, current)
 * ```
 * @throws {NotSupportedError} `not-managed` without a management token or address, `unsupported` by the profile
 * @throws {PolicyError} `management-address` when the address may not be contacted
 * @see [RFC 7592 section 2.3](https://www.rfc-editor.org/rfc/rfc7592#section-2.3)
 */
export function deletionRequest(
  server: AuthorizationServer,
  current: RegistrationResponse,
  options: ConfigurationOptions = {},
): HttpRequest {
  return managementRequest('DELETE', 'delete', server, current, options)
}

/**
 * Builds the request that replaces a client's metadata (RFC 7592 section 2.2).
 *
 * An update replaces all metadata, so pass the result of `updatedMetadata(current, changes)`; the `client_id` is added.
 *
 * Nothing is checked here: call `checkRequest()` of `@registrant/core/checks` first, which finds what must not be sent, such as a
 * private key in `jwks`. A client and a manager do that by themselves.
 *
 * @example
 * ```ts
 * import type { AuthorizationServer, RegistrationResponse } from '@registrant/core'
 * import { updatedMetadata, updateRequest } from '@registrant/core/exchange'
 *
 * declare const server: AuthorizationServer
 * declare const current: RegistrationResponse
 * const request = updateRequest(server, current, updatedMetadata(current, { client_name: 'Orders' }))
 * ```
 * @throws {InvalidRequestError} `not-json` when the metadata can't be said in JSON
 * @throws {NotSupportedError} `not-managed` without a management token or address, `unsupported` by the profile
 * @throws {PolicyError} `management-address` when the address may not be contacted
 * @see [RFC 7592 section 2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)
 */
export function updateRequest(
  server: AuthorizationServer,
  current: RegistrationResponse,
  metadata: RequestInput,
  options: ConfigurationOptions = {},
): HttpRequest {
  const request = managementRequest('PUT', 'update', server, current, options)
  const { encoded, profile } = options
  const body = encoded?.body ?? wireBody(metadata, profile, { client_id: current.client_id })
  const headers = { ...request.headers, 'content-type': encoded?.contentType ?? 'application/json' }
  return { ...request, headers, body }
}

/** What the answer to a deletion is read with. */
export interface ReadDeletionContext {
  request: HttpRequest
  current?: RegistrationResponse | undefined
  profile?: ServerProfile | undefined
}

/**
 * Reads the answer to a deletion (RFC 7592 section 2.3): any success (2xx) means deleted, whatever the body says, unless it
 * is a page or an OAuth error. Pass the body where its content type is HTML or JSON.
 *
 * @example
 * ```ts
 * import type { AuthorizationServer, RegistrationResponse } from '@registrant/core'
 * import { deletionRequest, readDeletion } from '@registrant/core/exchange'
 *
 * declare const server: AuthorizationServer
 * declare const current: RegistrationResponse
 * const request = deletionRequest(server, current)
 * const { status, headers } = await fetch(request.url, { method: request.method, headers: request.headers })
 * readDeletion({ status, headers, body: '' }, { request, current })
 * ```
 * @throws {ServerRefusedError} any status from 400 up: 401 and 404 are no proof of a deletion, the address may be wrong
 * @throws {UnexpectedAnswerError} a status below 200, which is no final answer; a success whose body is a page, such as
 *   a sign-in page, or an OAuth error
 * @throws {PolicyError} `redirect`
 * @see [RFC 7592 section 2.3](https://www.rfc-editor.org/rfc/rfc7592#section-2.3)
 */
export function readDeletion(answer: HttpAnswer, { request, current, profile }: ReadDeletionContext): void {
  const context = { request, what: 'deletion', about: current, inDoubt: 'unknown' as const, profile }
  requireSuccess(answer, context)
  if (verdictOf(answer) !== 'acted') throw unexpected(answer, context, 'does not say that anything was deleted')
}

function managementRequest(
  method: string,
  operation: 'read' | 'update' | 'delete',
  server: AuthorizationServer,
  current: RegistrationResponse,
  options: ConfigurationOptions,
): HttpRequest {
  const cannot = options.profile?.cannot?.[operation]
  if (cannot !== undefined) throw new NotSupportedError('unsupported', cannot)
  const byAccessToken = options.profile?.managementAuthorization === 'access-token'
  const scheme = (byAccessToken && options.scheme) || 'Bearer'
  const token = byAccessToken ? options.accessToken : current.registration_access_token
  const given = derivedAddress(current.client_id, { ...options, server }) ?? current.registration_client_uri
  if (token === undefined || given === undefined) {
    const missing =
      token === undefined ? (byAccessToken ? 'access token' : 'registration_access_token') : 'registration_client_uri'
    throw new NotSupportedError(
      'not-managed',
      `This registration has no usable ${missing}, so it can't be managed; nothing was sent.`,
    )
  }
  const address = managementAddress(given, { ...options, server })
  if ('refused' in address) {
    const endpoint = displayEndpoint({ url: given, headers: { authorization: token } })
    throw new PolicyError(
      `The management address was not contacted: ${address.refused}. If you trust it, name its origin in the option allowedOrigins.`,
      { rule: 'management-address', outcome: 'not-sent', endpoint },
    )
  }
  return { method, url: address.uri, headers: { accept: 'application/json', authorization: `${scheme} ${token}` } }
}

/**
 * Reads what a person knows of a client in the way an answer is read, and tells whether it differs from the declaration.
 *
 * @throws {InvalidRequestError} JSON can't say it, there is no `client_id`, or a credential can't be read
 */
export function readKnown(
  given: unknown,
  declared: RegistrationRequest,
  profile: ServerProfile | undefined,
): { value: RegistrationResponse; deviations: readonly Deviation[]; differs: boolean } {
  const told = isObject(given) ? asJson(given) : {}
  const { object: value, deviations } = normalize(told, profile)
  if (!namesClient(value)) throw notKnown('client_id', 'There is no client without it')
  const unread = deviations.find(({ rule, member = '' }) => rule === 'unreadable' && toldOnce.has(member))?.member
  // JSON leaves out what it can't say, such as a secret that is `undefined`.
  const lost = unread ?? [...toldOnce].find((member) => Object.hasOwn(Object(given), member) && !(member in told))
  if (lost !== undefined) throw notKnown(lost, 'It must be a text')
  return { value, deviations, differs: differences({ ...declared }, value).some(({ rule }) => rule === 'changed') }
}

/** Knowledge of a client as JSON says it, so that all that is stored of it can be read again. */
function asJson(given: JsonObject): JsonObject {
  let cause: unknown
  try {
    const told = parseJson(JSON.stringify(given))
    if (isObject(told)) return told
  } catch (error) {
    cause = error
  }
  throw notKnown('client', 'Give an object that JSON can say, nested no deeper than 32 levels', cause)
}

/** What a person told of a client, completed by the known credentials and method; without a secret that it has no use for. */
export function withKnown(
  told: RegistrationResponse,
  known: RegistrationResponse,
  keeps: { secret: boolean; token: boolean },
): RegistrationResponse {
  const { token_endpoint_auth_method: method = known.token_endpoint_auth_method, client_secret } = told
  const needsSecret = method === undefined || method.startsWith('client_secret_')
  const of = withMembers(known, {
    ...((!needsSecret || !keeps.secret) && { client_secret: undefined, client_secret_expires_at: undefined }),
    ...(!keeps.token && { registration_access_token: undefined, registration_client_uri: undefined }),
  })
  const isUnsaid = needsSecret || client_secret === undefined
  return withMembers(completing(of)(told), isUnsaid ? { token_endpoint_auth_method: method } : {})
}

/** Credentials that no server tells again: one that can't be read is an error, and is not left out in silence. */
const toldOnce = new Set(['client_secret', 'registration_access_token', 'registration_client_uri'])

/** The error for knowledge of a client that can't be used. */
export const notKnown = (member: string, message: string, cause?: unknown): InvalidRequestError =>
  new InvalidRequestError([{ member, rule: 'recover', level: 'MUST', source: 'recover', message }], { cause })
