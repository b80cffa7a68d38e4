import { choices } from './choices.ts'
import type { Check } from './find.ts'
import { dcr } from './find.ts'

/** R12e, R18, R28, R33: which algorithms go together, and where `none` is none. */
export const algorithms: Check = (request, find) => {
  const { response_types = ['code'] } = request
  const said = new Set(Object.entries(request).flatMap(([member]) => [member, choices.get(member) ?? member]))
  for (const member of said)
    if (member.endsWith('_enc') && !said.has(member.replace(/_enc$/, '_alg')))
      find('R12e', member, `It needs ${member.replace(/_enc$/, '_alg')} beside it.`, dcr)
  if (request.id_token_signed_response_alg === 'none' && response_types.some((type) => /\bid_token\b/.test(type)))
    find('R18', 'id_token_signed_response_alg', 'ID tokens from the authorization endpoint must be signed.', dcr)
  if (request.require_signed_request_object === true && request.request_object_signing_alg === 'none')
    find('R28', 'request_object_signing_alg', 'require_signed_request_object forbids none.', 'RFC 9101 section 10.5')
  if (request.authorization_signed_response_alg === 'none')
    find('R33', 'authorization_signed_response_alg', 'It must not be none.', 'JARM section 3')
}

/** R24: choices, and the value that older servers read. */
export const offered: Check = (request, find) => {
  const source = 'RP Metadata Choices 1.0 section 2'
  for (const [list, values] of Object.entries(request)) {
    const member = choices.get(list)
    if (member === undefined || !Array.isArray(values)) continue
    const value = request[member]
    if (values.length === 0) find('R24', list, 'It must not be empty.', source)
    else if (value === undefined)
      find('R24', member, `Send it beside ${list}, for servers that don't know lists.`, source, 'SHOULD')
    else if (!values.includes(value)) find('R24', member, `It must be one of ${list}.`, source)
  }
}
