import type { Check } from './find.ts'
import { dcr, rfc7591 } from './find.ts'

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
  else if (alg !== undefined && symmetric.test(alg) !== (method === 'client_secret_jwt'))
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
    if (name.endsWith('_alg') && name !== member && symmetric.test(String(value)))
      find(
        'R25',
        name,
        `${String(value)} takes its key from a client secret, and ${method} gives none.`,
        'OIDC DCR 1.0 section 3.2',
      )
}
