import type { Refusal } from './answer.ts'
import type { Client } from './client.ts'
import { isBlank } from './members.ts'
import { isWellFormed } from './uri.ts'
import {
  authenticationMethods,
  encryptionAlgorithms,
  encryptions,
  grantTypes,
  signatureAlgorithms,
} from './vocabulary.ts'
import type { Version } from './vocabulary.ts'

type Rule = (client: Client, version: Version) => string | Refusal | undefined

/** The response types that each redirect grant knows, one by one. */
const responseTypes: Record<string, string[]> = { authorization_code: ['code'], implicit: ['id_token', 'token'] }

/** The first rule that a client breaks; they are asked in the original's order. */
export function firstFailure(client: Client, version: Version): Refusal | undefined {
  for (const rule of rules) {
    const failure = rule(client, version)
    if (failure !== undefined)
      return typeof failure === 'string' ? { error: 'invalid_client_metadata', description: failure } : failure
  }
  return undefined
}

const rules: Rule[] = [
  ({ lists }, version) => {
    const unknown = (lists['grant_types'] ?? []).filter((grant) => !grantTypes(version).includes(grant))
    return unknown.length > 0 ? `grant types ${unknown.join(',')} are not supported` : undefined
  },
  ({ texts }, version) => {
    const method = texts['token_endpoint_auth_method'] ?? ''
    return authenticationMethods(version).includes(method) ? undefined : `unknown authentication method : ${method}`
  },
  oneOf('application_type', ['web', 'native'], 'application type is invalid'),
  https('sector_identifier_uri'),
  oneOf('subject_type', ['public', 'pairwise'], 'subject_type is invalid'),
  https('initiate_login_uri'),
  (client) => {
    const grants = redirectGrants(client)
    const known = grants.flatMap((grant) => responseTypes[grant] ?? [])
    const unknown = (client.lists['response_types'] ?? []).filter((type) => !known.includes(type))
    if (grants.length > 0 && unknown.length > 0) return `response types ${unknown.join(',')} are not supported`
    const alone = grants.find(
      (grant) => !responseTypes[grant]?.some((type) => client.lists['response_types']?.includes(type)),
    )
    return alone === undefined ? undefined : `valid response type must be passed for the grant type ${alone}`
  },
  addresses('client'),
  addresses('logo'),
  addresses('tos'),
  addresses('policy'),
  ...algorithms('token_signed_response_alg', 'token_encrypted_response'),
  ...algorithms('id_token_signed_response_alg', 'id_token_encrypted_response'),
  // Where the others name the missing member, this one says what was sent for it: nothing.
  ...algorithms('authorization_signed_response_alg', 'authorization_encrypted_response', ''),
  ...algorithms('userinfo_signed_response_alg', 'userinfo_encrypted_response'),
  ...algorithms('request_object_signing_alg', 'request_object_encryption'),
  (client) => {
    if (redirectGrants(client).length === 0) return undefined
    const uris = client.lists['redirect_uris'] ?? []
    if (uris.length === 0) return 'missing parameter redirect_uris'
    const descriptions = uris.map((uri) => redirectFailure(uri, client.texts['application_type'] === 'web'))
    const description = descriptions.find((failure) => failure !== undefined)
    return description === undefined ? undefined : { error: 'invalid_redirect_uri', description }
  },
]

function redirectGrants({ lists }: Client): string[] {
  return Object.keys(responseTypes).filter((grant) => lists['grant_types']?.includes(grant))
}

function redirectFailure(uri: string, web: boolean): string | undefined {
  if (!isWellFormed(uri)) return `redirect_uri ${uri} is not correct`
  if (uri.includes('#')) return 'the redirect_uri cannot contains fragment'
  if (web && !/^\s*https:/i.test(uri)) return 'redirect_uri does not contain https scheme'
  if (web && /^\s*https:\/\/(?:[^@/?]*@)?localhost(?=[:/?\s]|$)/i.test(uri))
    return 'redirect_uri must not contain localhost'
  return undefined
}

function oneOf(name: string, values: readonly string[], failure: string): Rule {
  return ({ texts }) => {
    const value = texts[name]
    return value === undefined || isBlank(value) || values.includes(value) ? undefined : failure
  }
}

function https(name: string): Rule {
  return ({ texts }) => {
    const value = texts[name]
    if (value === undefined || isBlank(value)) return undefined
    if (!isWellFormed(value)) return `${name} is not a valid URI`
    return /^\s*https:/i.test(value) ? undefined : `${name} doesn't contain https scheme`
  }
}

function addresses(word: string): Rule {
  return ({ translations }) => {
    const values = translations.filter(({ name }) => name === `${word}_uri`).map(({ value }) => value)
    const wrong = values.find((value) => !isBlank(value) && !isWellFormed(value))
    return wrong === undefined ? undefined : `${word} uri ${wrong} is not correct`
  }
}

function algorithms(signed: string, encrypted: string, missing = `${encrypted}_alg`): Rule[] {
  const [alg, enc] = [`${encrypted}_alg`, `${encrypted}_enc`]
  return [
    oneOf(signed, signatureAlgorithms, `${signed} is not supported`),
    oneOf(alg, encryptionAlgorithms, `${alg} is not supported`),
    oneOf(enc, encryptions, `${enc} is not supported`),
    ({ texts }) => (!isBlank(texts[enc]) && isBlank(texts[alg]) ? `missing parameter ${missing}` : undefined),
  ]
}
