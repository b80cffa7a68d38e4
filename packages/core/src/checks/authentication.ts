import type { Check } from './rule.ts'
import { choices, dcr, rfc7591 } from './rule.ts'

const names = ['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email'] as const
const symmetric = /^(?:HS\d|dir$|A\d+(?:GCM)?KW$)/

/** R12, R13, R14t, R25: how the client proves itself, and that it has what that takes. */
export const authentication: Check = (request, find) => {
  const method = request.token_endpoint_auth_method ?? 'client_secret_basic'
  const alg = request.token_endpoint_auth_signing_alg
  const member = 'token_endpoint_auth_signing_alg'
  if ((request.token_endpoint_auth_method ?? request.token_endpoint_auth_methods_supported) === undefined)
    find('R12', 'token_endpoint_auth_method', 'Say it: the default differs from server to server.', rfc7591, 'SHOULD')

  if (alg === 'none') find('R13', member, 'An assertion must be signed.', dcr)
  else if (alg !== undefined && !method.endsWith('_jwt'))
    find('R13', member, `It means nothing with ${method}.`, dcr, 'SHOULD')
  else if (
    alg !== undefined &&
    (method === 'client_secret_jwt' ? !/^HS(?:256|384|512)$/.test(alg) : symmetric.test(alg))
  )
    find('R13', member, `${method} can't sign with ${alg}.`, 'OIDC Core 1.0 section 9')

  const named = names.map((name) => `tls_client_auth_${name}` as const).filter((name) => request[name] !== undefined)
  const source = 'RFC 8705 section 2.1.2'
  if (method === 'tls_client_auth') {
    if (named.length !== 1)
      find(
        'R14t',
        named[1] ?? 'tls_client_auth_subject_dn',
        'tls_client_auth needs exactly one of its five names.',
        source,
      )
  } else if (named[0] !== undefined)
    find('R14t', named[0], 'It means nothing without tls_client_auth.', source, 'SHOULD')

  if (method.startsWith('client_secret_')) return
  for (const [name, value] of Object.entries(request))
    if (name.endsWith('_alg') && name !== member && typeof value === 'string' && symmetric.test(value))
      find(
        'R25',
        name,
        `${value} takes its key from a client secret, and ${method} gives none.`,
        'OIDC DCR 1.0 section 3.2',
      )
}

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
