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
  /** The request that it answers. */
  request: HttpRequest
  server: AuthorizationServer
  /** What was asked for, where something was: what the server changed of it is reported. */
  sent?: RequestInput | undefined
  /** What is known of this client: what the answer leaves out is carried over. */
  current?: RegistrationResponse | undefined
  profile?: ServerProfile | undefined
  /** Origins on which a management address may lie. Default: where clients register, and the issuer's. */
  allowedOrigins?: readonly string[] | undefined
  /** Origins that may be asked by plain http, for development. Default: none but this machine. */
  allowHttp?: readonly string[] | undefined
}

/** A registration as it is understood, what had to be done for that, and what the answer itself said. */
export interface Interpreted {
  value: RegistrationResponse
  deviations: Deviation[]
  said: JsonObject
}

/** Adds to an answer what is known of the client already. */
export type Complete = (answered: RegistrationResponse) => RegistrationResponse

/**
 * Makes a registration of the JSON object in an answer; `undefined` where it names no client, or tells a secret as something
 * else than a text: whoever is shown the answer has it still.
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

/** What nobody tells again. */
const secrets = ['client_secret', 'registration_access_token']

/** Whether a value of another type says anything: `false` and an empty list are how some servers say nothing. */
const isTold = (value: unknown): boolean => typeof value === 'number' || Object.keys(Object(value)).length > 0

/** After `normalize` every standard member has its declared type, so a `client_id` is all that is left to ask for. */
export const namesClient = (object: JsonObject): object is RegistrationResponse =>
  typeof object['client_id'] === 'string' && isObject(object)

/**
 * Puts the address that may be contacted in place of the one that was returned. One on a foreign origin stays as it came,
 * since the option `allowedOrigins` may name that later; whatever else may never be contacted is taken out.
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
  else if (judged.isForeign !== true) delete value.registration_client_uri
  const then =
    'uri' in known
      ? 'The one that is known stays'
      : judged.isForeign
        ? "This registration can't be managed until the option allowedOrigins names it"
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

/** What people click, or what opens in their browser. */
const clickable = new Set([
  'client_uri',
  'logo_uri',
  'tos_uri',
  'policy_uri',
  'organization_uri',
  'information_uri',
  'initiate_login_uri',
])
/** What a server or a browser fetches on the client's word: https, or loopback. */
const fetched = new Set(['initiate_login_uri', 'sector_identifier_uri', 'jwks_uri'])

/** Takes addresses out that would run code when a person clicks them, or that are fetched without TLS. */
function withoutDangerousUris(registration: RegistrationResponse, deviations: Deviation[]): void {
  for (const [member, value] of Object.entries(registration)) {
    const [name = ''] = member.split('#')
    // Parsed as a browser would: it ignores a line break in the middle of a scheme.
    const address = typeof value === 'string' ? parseAddress(value) : undefined
    if (address === undefined) continue
    const runs = clickable.has(name) && runsCode(address) && !isPicture(name, address)
    if (!runs && !(fetched.has(name) && address.protocol === 'http:' && !isSecure(address))) continue
    delete registration[member]
    const why = runs ? 'An address that would run code when clicked' : 'An address that is fetched without TLS'
    deviations.push({ member, rule: runs ? 'dangerous-uri' : 'insecure-uri', message: `${why} was left out.` })
  }
}
