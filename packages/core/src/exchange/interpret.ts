import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Deviation, HttpRequest } from '../model/http.ts'
import type { RegistrationResponse, RequestInput } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { derivedAddress, isPicture, isSecure, managementAddress, parseAddress, runsCode } from './addresses.ts'
import type { JsonObject } from './json.ts'
import { isObject } from './json.ts'
import { normalize, publicKeysOnly } from './normalize.ts'

/** What an answer of the registration or client configuration endpoint is read with. */
export interface RegistrationContext {
  /** The request that was answered. */
  request: HttpRequest
  server: AuthorizationServer
  /** The metadata that were sent, if any: what the server changed in them is reported. */
  sent?: RequestInput | undefined
  /** The registration as it is known: credentials that the answer leaves out are carried over. */
  current?: RegistrationResponse | undefined
  profile?: ServerProfile | undefined
  /** Origins on which a management address may lie. Default: of the registration endpoint, issuer and mutual-TLS aliases. */
  allowedOrigins?: readonly string[] | undefined
  /** Origins that may be asked by plain http, for development. Default: none but this machine. */
  allowHttp?: readonly string[] | undefined
}

/** A registration as it was understood, the deviations on the way, and the members that the answer itself had. */
export interface Interpreted {
  value: RegistrationResponse
  deviations: Deviation[]
  said: JsonObject
}

/** Adds to an answer what is known of the client already. */
export type Complete = (answered: RegistrationResponse) => RegistrationResponse

/**
 * Makes a registration of the JSON object in an answer; `undefined` where the object names no client, or a secret in it is no
 * text. The error that the caller then throws holds the body, so that such a secret is not lost.
 */
export function interpret(
  raw: JsonObject,
  context: RegistrationContext,
  complete: Complete = (answered) => ({ ...answered }),
): Interpreted | undefined {
  const { object: said, deviations } = normalize(raw, context.profile)
  publicKeysOnly(said, deviations)
  const isLost = (member: string): boolean => said[member] === undefined && isTold(raw[member])
  if (!namesClient(said) || (context.request.method !== 'GET' && secrets.some(isLost))) return undefined
  const value = complete(said)
  placeManagementAddress(value, context, deviations)
  withoutDangerousUris(value, deviations)
  loneExpiry(value, deviations)
  return { value, deviations, said }
}

/** Secrets that the server does not tell again. */
const secrets = ['client_secret', 'registration_access_token']

/** Whether a value that is no text says anything: some servers write `false` or an empty list for an absent one. */
const isTold = (value: unknown): boolean => typeof value === 'number' || Object.keys(Object(value)).length > 0

/** Whether an object is a registration: after `normalize` every member has its declared type, and only `client_id` is checked. */
export const namesClient = (object: JsonObject): object is RegistrationResponse =>
  typeof object['client_id'] === 'string' && isObject(object)

/**
 * Puts the management address that may be contacted in place of the returned one. An address that an option may allow later (a foreign
 * origin, plain http) stays as it came; any other that may not be contacted is taken out.
 */
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
  const known = managementAddress(context.current?.registration_client_uri ?? '', context)
  if ('uri' in known) value.registration_client_uri = known.uri
  else if (judged.option === undefined) delete value.registration_client_uri
  const then =
    'uri' in known
      ? 'The one that is known stays'
      : judged.option
        ? `This registration can't be managed until the option ${judged.option} names it`
        : "This registration can't be managed"
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

/** Members whose address people click, or that opens in their browser. */
const clickable = new Set([
  'client_uri',
  'logo_uri',
  'tos_uri',
  'policy_uri',
  'organization_uri',
  'information_uri',
  'initiate_login_uri',
])
/** Members whose address a server or a browser fetches because the client names it: https, or loopback. */
const fetched = new Set(['initiate_login_uri', 'sector_identifier_uri', 'jwks_uri'])

/** Takes addresses out that would run code when a person clicks them, or that are fetched without TLS. */
function withoutDangerousUris(registration: RegistrationResponse, deviations: Deviation[]): void {
  for (const [member, value] of Object.entries(registration)) {
    const [name = ''] = member.split('#')
    // Parsed as a browser does, which ignores a line break in the middle of a scheme.
    const address = typeof value === 'string' ? parseAddress(value) : undefined
    if (address === undefined) continue
    const runs = clickable.has(name) && runsCode(address) && !isPicture(name, address)
    if (!runs && !(fetched.has(name) && address.protocol === 'http:' && !isSecure(address))) continue
    delete registration[member]
    const why = runs ? 'An address that would run code when clicked' : 'An address that is fetched without TLS'
    deviations.push({ member, rule: runs ? 'dangerous-uri' : 'insecure-uri', message: `${why} was left out.` })
  }
}
