import { jwtPart } from '../exchange/policy.ts'
import { localizable } from '../model/members.ts'
import type { Check } from './rule.ts'
import { rfc7591, untagged } from './rule.ts'

/** R03: whether grant types and response types fit each other; a list that is left out gets a default. */
export const grants: Check = (request, find) => {
  const { grant_types = ['authorization_code'], response_types } = request
  const source = 'RFC 7591 section 2.1'
  const say = (member: string, message: string): void => find('R03', member, message, source, 'SHOULD')
  if (request.grant_types === undefined) say('grant_types', 'Say it: left out it means authorization_code alone.')
  const redirected = grant_types.some((grant) => /^(?:authorization_code|implicit)$/.test(grant))
  if (response_types === undefined) {
    if (!redirected) say('response_types', 'Left out it means code, and some servers then add that grant: send [].')
    return
  }
  const words = response_types.map((type) => type.split(' '))
  const answers = (word: string): boolean => words.some((type) => type.includes(word))
  const direct = words.some((type) => /token/.test(type.join()) && !type.includes('vp_token'))
  if (answers('code') && !grant_types.includes('authorization_code'))
    say('grant_types', 'The response type code needs the grant authorization_code.')
  if (direct && !grant_types.includes('implicit'))
    say('grant_types', 'A response type with token or id_token needs the grant implicit.')
  if (grant_types.includes('authorization_code') && !answers('code'))
    say('response_types', 'The grant authorization_code needs a response type with code.')
  if (grant_types.includes('implicit') && !direct)
    say('response_types', 'The grant implicit needs a response type with token or id_token.')
}

/** R07: the form of `scope`. */
export const scope: Check = ({ scope: value }, find) => {
  if (value !== undefined && !/^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/.test(value))
    find('R07', 'scope', 'It must be scope values with single spaces between them.', rfc7591)
}

const ciba = 'urn:openid:params:grant-type:ciba'

/** R32: backchannel authentication (CIBA). */
export const backchannel: Check = (request, find) => {
  const { backchannel_token_delivery_mode: mode, grant_types = [], subject_type } = request
  const source = 'CIBA Core 1.0 section 4'
  const signing = request.backchannel_authentication_request_signing_alg
  if (signing !== undefined && /^(?:none$|HS)/.test(signing))
    find('R32', 'backchannel_authentication_request_signing_alg', 'It must be an asymmetric algorithm.', source)
  if (mode === undefined) {
    if (grant_types.includes(ciba))
      find('R32', 'backchannel_token_delivery_mode', 'The CIBA grant needs it: poll, ping or push.', source)
    return
  }
  if (!/^(?:poll|ping|push)$/.test(mode))
    find('R32', 'backchannel_token_delivery_mode', 'It must be poll, ping or push.', source)
  if (mode !== 'push' && !grant_types.includes(ciba))
    find('R32', 'grant_types', `poll and ping need the grant ${ciba}.`, source)
  if (mode !== 'poll' && request.backchannel_client_notification_endpoint === undefined)
    find('R32', 'backchannel_client_notification_endpoint', 'ping and push need it.', source)
  if (
    mode !== 'push' &&
    subject_type === 'pairwise' &&
    (request.jwks_uri ?? request.sector_identifier_uri) === undefined
  )
    find('R32', 'jwks_uri', 'Pairwise subjects with poll or ping need jwks_uri or sector_identifier_uri.', source)
}

/** R23: whether a software statement is a signed JWT that names its issuer. */
export const statement: Check = ({ software_statement: jwt }, find) => {
  if (jwt === undefined) return
  const [header, claims] = [jwtPart(jwt, 0), jwtPart(jwt, 1)]
  const say = (message: string, level?: 'SHOULD'): void =>
    find('R23', 'software_statement', message, 'RFC 7591 section 2.3', level)
  if (header === undefined || claims === undefined) say('It must be a JWT.')
  else if (typeof header['alg'] !== 'string' || header['alg'] === 'none') say('It must be signed.')
  // The RFC requires `iss`, and the example in the RFC has none.
  else if (typeof claims['iss'] !== 'string') say('It must name its issuer (iss).', 'SHOULD')
}

/** R27: texts in several languages. */
export const languages: Check = (request, find) => {
  const seen = new Set<string>()
  for (const member of Object.keys(request)) {
    if (!member.includes('#')) continue
    const name = untagged(member)
    const tag = member.slice(name.length + 1)
    const say = (message: string): void => find('R27', member, message, 'RFC 7591 section 2.2', 'SHOULD')
    if (!localizable.includes(name)) say('This member has no languages.')
    else if (!isTag(tag)) say('What follows # is not a language tag (BCP 47).')
    else if (!Object.hasOwn(request, name)) say(`Send ${name} without a tag too, for servers that know no languages.`)
    if (seen.has(member.toLowerCase())) say('This language was sent before in another spelling.')
    seen.add(member.toLowerCase())
  }
}

const isTag = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
