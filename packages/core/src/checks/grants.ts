import type { Check } from './find.ts'
import { rfc7591 } from './find.ts'

/** R03: grant types and response types belong together, and saying neither leaves it to defaults. */
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

/** R07: scope values. */
export const scope: Check = ({ scope: value }, find) => {
  if (value !== undefined && !/^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/.test(value))
    find('R07', 'scope', 'It must be scope values with single spaces between them.', rfc7591)
}
