import type { JsonObject } from '../exchange/json.ts'
import { isObject } from '../exchange/json.ts'
import { jwtPart } from '../exchange/policy.ts'
import type { ClientMetadata } from '../model/client-metadata.ts'
import type { Finding } from '../model/http.ts'
import type { Kind } from '../model/members.ts'
import { kinds } from '../model/members.ts'
import type { MetadataChoices } from '../model/metadata-extensions.ts'
import type { RegistrationRequest } from '../model/registration.ts'

/** Reports that a member breaks a rule. Default level: `MUST`. */
export type Find = (rule: string, member: string, message: string, source: string, level?: Finding['level']) => void

/** Checks one family of rules on a request whose standard members have their declared type, or are absent. */
export type Check = (request: RegistrationRequest, find: Find) => void

/** The sources that most rules come from. */
export const rfc7591 = 'RFC 7591 section 2'
export const dcr = 'OIDC DCR 1.0 section 2'

type Singular = Extract<
  keyof ClientMetadata,
  `${string}_alg` | `${string}_enc` | 'subject_type' | 'token_endpoint_auth_method'
>

/**
 * The lists of RP Metadata Choices, each with the member that it offers values for. In the metadata of a server, lists of the
 * same names say what it supports.
 */
const singularOf: Readonly<Record<keyof MetadataChoices, Singular>> = {
  subject_types_supported: 'subject_type',
  id_token_signing_alg_values_supported: 'id_token_signed_response_alg',
  id_token_encryption_alg_values_supported: 'id_token_encrypted_response_alg',
  id_token_encryption_enc_values_supported: 'id_token_encrypted_response_enc',
  userinfo_signing_alg_values_supported: 'userinfo_signed_response_alg',
  userinfo_encryption_alg_values_supported: 'userinfo_encrypted_response_alg',
  userinfo_encryption_enc_values_supported: 'userinfo_encrypted_response_enc',
  request_object_signing_alg_values_supported: 'request_object_signing_alg',
  request_object_encryption_alg_values_supported: 'request_object_encryption_alg',
  request_object_encryption_enc_values_supported: 'request_object_encryption_enc',
  token_endpoint_auth_methods_supported: 'token_endpoint_auth_method',
  token_endpoint_auth_signing_alg_values_supported: 'token_endpoint_auth_signing_alg',
  backchannel_authentication_request_signing_alg_values_supported: 'backchannel_authentication_request_signing_alg',
  authorization_signing_alg_values_supported: 'authorization_signed_response_alg',
  authorization_encryption_alg_values_supported: 'authorization_encrypted_response_alg',
  authorization_encryption_enc_values_supported: 'authorization_encrypted_response_enc',
  introspection_signing_alg_values_supported: 'introspection_signed_response_alg',
  introspection_encryption_alg_values_supported: 'introspection_encrypted_response_alg',
  introspection_encryption_enc_values_supported: 'introspection_encrypted_response_enc',
}

/** List to singular member. */
export const choices: ReadonlyMap<string, Singular> = new Map(Object.entries(singularOf))

/** A request with the claims of its software statement, which outweigh the members beside it (RFC 7591 section 2.3). */
export function effective(request: object, find: Find): RegistrationRequest {
  const own = wellTyped(request, find)
  const claims = own.software_statement === undefined ? undefined : jwtPart(own.software_statement, 1)
  return claims === undefined ? own : { ...own, ...wellTyped(claims) }
}

/** A member without its language tag: `client_name#fr` is a `client_name`. */
export const untagged = (member: string): string => member.split('#', 1)[0] ?? ''

/** The standard members that have their declared type, without those that are never sent. */
function wellTyped(raw: object, find?: Find): RegistrationRequest {
  const typed: RegistrationRequest = {}
  const kept: JsonObject = {}
  for (const [member, value] of Object.entries(raw)) {
    if (value === undefined || value === null || value === '') continue
    if (!isJson(value)) find?.('not-json', member, 'It must be something that JSON can say.', 'RFC 7591 section 3.1')
    const kind = choices.has(member) ? 'strings' : kinds.get(untagged(member))
    if (kind === undefined) continue
    if (is[kind](value)) kept[member] = value
    else find?.(member === 'scope' ? 'R07' : 'type', member, `It must be ${mustBe[kind]}.`, rfc7591)
  }
  return Object.assign(typed, kept)
}

/** Whether JSON can hold a value unchanged; a value that is nested deeper than any metadata is taken for a circle. */
function isJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return !/^(?:bigint|function|symbol)$/.test(typeof value)
  if (depth > 32 || 'toJSON' in value) return false
  if (Array.isArray(value)) return !value.includes(undefined) && value.every((item) => isJson(item, depth + 1))
  return (
    Object.prototype.toString.call(value) === '[object Object]' &&
    Object.values(value).every((item) => isJson(item, depth + 1))
  )
}

const isTime = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

const is: Record<Kind, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  boolean: (value) => typeof value === 'boolean',
  number: isTime,
  time: isTime,
  object: isObject,
}

const mustBe: Record<Kind, string> = {
  string: 'a string',
  strings: 'an array of strings',
  boolean: 'true or false',
  number: 'a whole number, not negative',
  time: 'a whole number, not negative',
  object: 'an object',
}
