import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest, Reading } from '../model/http.ts'
import type { RegistrationResponse, RequestInput } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { isCredential } from '../model/members.ts'
import { NotSupportedError } from '../server-errors.ts'
import { endpointOf, registrationEndpoint, requireSecure } from './addresses.ts'
import { deviationsOf } from './deviations.ts'
import { interpret } from './interpret.ts'
import type { Complete, RegistrationContext } from './interpret.ts'
import type { JsonObject } from './json.ts'
import { objectIn, saysError, standardName, wireBody } from './json.ts'
import { policyError, requestedMetadata, violation } from './policy.ts'
import { displayEndpoint } from './redact.ts'

/** What a registration request is built with, apart from the metadata. */
export interface RegistrationRequestOptions {
  /** The token that authorizes the registration. Default: none. */
  accessToken?: string | undefined
  /** The scheme that the token is sent under. Default: `Bearer`. */
  scheme?: string | undefined
  /** The profile of the server: its names for members, and its registration endpoint where the metadata name none. */
  profile?: ServerProfile | undefined
  /** A body that is sent instead of the metadata as JSON. */
  encoded?: { contentType: string; body: string } | undefined
  /** Origins that may be asked by plain http, for development. Default: none but this machine. */
  allowHttp?: readonly string[] | undefined
}

/**
 * Builds the request that registers a client (RFC 7591 section 3.1).
 *
 * What the caller set is sent and nothing is added: `undefined`, `null`, `''` and a `jwks` without keys are left out, other
 * empty arrays and objects are sent. The same metadata gives the same bytes.
 *
 * Nothing is checked here: call `checkRequest()` of `@registrant/core/checks` first, which finds what must not be sent, such as a
 * private key in `jwks`. A client and a manager do that by themselves.
 *
 * @example
 * ```ts
 * import { registrationRequest } from '@registrant/core/exchange'
 *
 * const server = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' }
 * const { url, method, headers, body } = registrationRequest(server, {
 *   redirect_uris: ['https://app.example/callback'],
 * })
 * const answer = await fetch(url, { method, headers, body: body ?? null })
 * ```
 * @throws {InvalidRequestError} `not-json` when the metadata can't be said in JSON
 * @throws {NotSupportedError} `no-registration-endpoint` when the server's metadata names none
 * @throws {PolicyError} `insecure-address` when the endpoint is neither https nor on the loopback interface nor allowed
 * @see [RFC 7591 section 3.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.1)
 */
export function registrationRequest(
  server: AuthorizationServer,
  metadata: RequestInput,
  { accessToken, scheme, profile, encoded, allowHttp }: RegistrationRequestOptions = {},
): HttpRequest {
  const endpoint = registrationEndpoint(server, profile)
  if (endpoint === undefined) {
    throw new NotSupportedError(
      'no-registration-endpoint',
      `The metadata of ${endpointOf(server.issuer)} names no registration_endpoint: this server does not register clients, or only by hand. If you know the endpoint, pass it in the option server.`,
    )
  }
  const url = requireSecure(endpoint, 'registration endpoint', allowHttp)
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': encoded?.contentType ?? 'application/json',
  }
  if (accessToken !== undefined) headers['authorization'] = `${scheme || 'Bearer'} ${accessToken}`
  return { method: 'POST', url, headers, body: encoded?.body ?? wireBody(metadata, profile) }
}

/** Members that make an answer a registration even beside `error`. An error may name its client by `client_id`. */
const describing = ['client_secret', 'registration_access_token', 'redirect_uris']

/** An answer whose credentials have only their standard names, by which other code keeps them and strikes them out. */
function credentialsByStandard(object: JsonObject, profile: ServerProfile | undefined): JsonObject {
  const renamed = { ...object }
  for (const [name, value] of Object.entries(object)) {
    const standard = standardName(name, profile)
    if (standard === name || !isCredential(standard)) continue
    delete renamed[name]
    renamed[standard] ||= value
  }
  return renamed
}

/** The registration in an answer; `undefined` where it holds none: `readRegistration` says why. */
export function registrationIn(
  answer: HttpAnswer,
  context: RegistrationContext,
  complete?: Complete,
): Reading<RegistrationResponse> | undefined {
  const { request, sent, current } = context
  const found = objectIn(answer)
  if (found === undefined) return undefined
  const { object, dropped } = found
  const raw = credentialsByStandard(object, context.profile)
  if (saysError(raw['error']) && !describing.some((member) => raw[member])) return undefined
  const interpreted = interpret(raw, context, complete)
  if (interpreted === undefined) return undefined
  const { value } = interpreted
  const wanted = requestedMetadata(sent)
  const rule = violation(value, { sent: wanted, current })
  const method = wanted?.token_endpoint_auth_method
  if (rule !== undefined) throw policyError(rule, value, { endpoint: displayEndpoint(request), method })
  const deviations = deviationsOf(answer, interpreted, context, dropped)
  return { value, created: answer.status === 201, deviations, raw }
}
