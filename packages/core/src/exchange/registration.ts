import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { HttpAnswer, HttpRequest } from '../model/http.ts'
import type { Deviation, Reading } from '../model/reading.ts'
import type { RegistrationRequest, RegistrationResponse } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { NotSupportedError } from '../answer-errors.ts'
import { requireSecure } from './addresses.ts'
import { carryOver } from './carry-over.ts'
import { changes, notRemoved } from './compare.ts'
import type { JsonObject } from './json.ts'
import { isObject } from './json.ts'
import { readObject, unexpected } from './judge.ts'
import { derivedAddress, managementAddress } from './management-address.ts'
import { normalForm, publicKeysOnly } from './normal-form.ts'
import { asked } from './asked.ts'
import { oddCredentials, withoutDangerousUris } from './oddities.ts'
import { refuseWidened } from './policy.ts'
import { secretsOf } from './secrets.ts'
import { shownDeviations, shownEndpoint } from './shown.ts'
import { wireBody } from './wire-form.ts'

/** What a registration request is built with, apart from the metadata. */
export interface RegistrationRequestOptions {
  /** The token that authorizes the registration; sent as `Bearer`. Default: none. */
  accessToken?: string | undefined
  /** Renames members to the server's names. */
  profile?: ServerProfile | undefined
  /** A body that is sent instead of the metadata as JSON. */
  encoded?: { contentType: string; body: string } | undefined
}

/**
 * Builds the request that registers a client (RFC 7591 section 3.1).
 *
 * What the caller set is sent and nothing is added: `undefined`, `null` and `''` are left out, empty arrays and objects
 * are sent. The same metadata gives the same bytes.
 *
 * @throws {InvalidRequestError} `not-json` when the metadata can't be said in JSON
 * @throws {NotSupportedError} `no-registration-endpoint` when the server's metadata names none
 * @throws {PolicyError} `insecure-address` when the endpoint is neither https nor on the loopback interface
 */
export function registrationRequest(
  server: AuthorizationServer,
  metadata: RegistrationRequest,
  { accessToken, profile, encoded }: RegistrationRequestOptions = {},
): HttpRequest {
  if (server.registration_endpoint === undefined) {
    throw new NotSupportedError(
      'no-registration-endpoint',
      `The metadata of ${server.issuer} names no registration_endpoint: this server does not register clients, or only by hand. If you know the endpoint, pass it in the option server.`,
    )
  }
  const url = requireSecure(server.registration_endpoint, 'registration endpoint')
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': encoded?.contentType ?? 'application/json',
  }
  if (accessToken !== undefined) headers['authorization'] = `Bearer ${accessToken}`
  return { method: 'POST', url, headers, body: encoded?.body ?? wireBody(metadata, profile) }
}

/** What an answer of the registration or client configuration endpoint is read with. */
export interface RegistrationContext {
  /** The request that it answers. */
  request: HttpRequest
  server: AuthorizationServer
  /** What was asked for, where something was: what the server changed of it is reported. */
  sent?: RegistrationRequest | undefined
  /** What is known of this client: what the answer leaves out is carried over. */
  current?: RegistrationResponse | undefined
  profile?: ServerProfile | undefined
  /** Origins on which a management address may lie. Default: the registration endpoint's and the issuer's. */
  allowedOrigins?: readonly string[] | undefined
}

/**
 * Reads the answer to a registration, a read or an update (RFC 7591 section 3.2, RFC 7592 section 3).
 *
 * After a success that names a `client_id` nothing is lost: oddities become deviations, unknown members stay, the
 * management token and address and the secret are carried over from `current` where the answer leaves them out.
 * `client_secret_expires_at` absent means not stated, 0 means never.
 *
 * @throws {ServerRefusedError} the status is 400 or more
 * @throws {UnexpectedAnswerError} a success without a JSON object that names a `client_id`
 * @throws {PolicyError} `redirect`; `client-id-changed`; and, carrying the registration, `redirect-uri-added`,
 *   `authentication-downgraded`, `statement-altered`
 */
export function readRegistration(answer: HttpAnswer, context: RegistrationContext): Reading<RegistrationResponse> {
  const { request, sent, current, profile } = context
  const what = { POST: 'registration', PUT: 'update' }[request.method] ?? 'read of the registration'
  const judged = { request, what, about: current, inDoubt: 'unknown' as const }
  const { object: raw, deviations } = readObject(answer, judged)
  const normal = normalForm(raw, profile)
  deviations.push(...normal.deviations)
  publicKeysOnly(normal.object, deviations)
  if (!namesClient(normal.object)) throw unexpected(answer, judged, 'names no client_id')

  const value = carryOver(normal.object, { current, request, profile })
  placeManagementAddress(value, context, deviations)
  withoutDangerousUris(value, deviations)
  loneExpiry(value, deviations)
  deviations.push(...oddCredentials(value, request))
  if (answer.status !== (request.method === 'POST' ? 201 : 200)) {
    deviations.push({ rule: 'status', message: `The status is ${answer.status}.` })
  }
  if (sent !== undefined) {
    deviations.push(...changes({ ...sent }, value))
    if (request.method === 'PUT') deviations.push(...notRemoved({ ...current }, { ...sent }, normal.object))
  }
  refuseWidened(value, { sent: asked(sent), current, endpoint: shownEndpoint(request) })
  const shown = deviations.length === 0 ? deviations : shownDeviations(deviations, secretsOf(request, current))
  return { value, created: answer.status === 201, deviations: shown, raw }
}

/** After `normalForm` every standard member has its declared type, so a `client_id` is all that is left to ask for. */
const namesClient = (object: JsonObject): object is RegistrationResponse =>
  typeof object['client_id'] === 'string' && isObject(object)

/** Puts the address that may be contacted in place of the one that was returned; one that may not be is taken out. */
function placeManagementAddress(
  value: RegistrationResponse,
  context: RegistrationContext,
  deviations: Deviation[],
): void {
  const member = 'registration_client_uri'
  const derived = derivedAddress(value.client_id, context)
  if (derived !== undefined) {
    if (derived === value.registration_client_uri) return
    value.registration_client_uri = derived
    deviations.push({ member, rule: 'management-address', message: "The address was made by the server's profile." })
    return
  }
  if (value.registration_client_uri === undefined) {
    if (value.registration_access_token === undefined) return
    const message = "A management token came without an address to use it at: this registration can't be managed."
    deviations.push({ member, rule: 'no-management-address', message })
    return
  }
  const judged = managementAddress(value.registration_client_uri, context)
  if ('uri' in judged) {
    value.registration_client_uri = judged.uri
    return
  }
  delete value.registration_client_uri
  const kept = managementAddress(context.current?.registration_client_uri ?? '', context)
  if ('uri' in kept) value.registration_client_uri = kept.uri
  const then = 'uri' in kept ? 'The one that is known stays' : "This registration can't be managed"
  deviations.push({
    member,
    rule: 'management-address',
    message: `The address is never contacted: ${judged.refused}. ${then}.`,
  })
}

function loneExpiry(value: RegistrationResponse, deviations: Deviation[]): void {
  const member = 'client_secret_expires_at'
  if (value.client_secret !== undefined || value[member] === undefined) return
  delete value[member]
  deviations.push({ member, rule: 'expiry-without-secret', message: 'It was left out, since there is no secret.' })
}
