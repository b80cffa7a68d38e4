import type { ClientAuthentication } from '../client/options.ts'
import { NotSupportedError } from '../server-errors.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import { platform } from '../platform.ts'
import type { Signer } from './sign.ts'
import { sign } from './sign.ts'

/** Who an assertion is addressed to, by the member of the server's metadata that names it. */
export interface AssertionOptions {
  /**
   * What `aud` says. Default: `issuer`, which no other server mistakes for its own; `token_endpoint` is for servers
   * that know only what OpenID Connect Core section 9 suggests.
   */
  audience?: 'issuer' | 'token_endpoint' | undefined
}

/** Seconds for which an assertion is good. */
const lifetime = 60

/**
 * Authenticates by a signed assertion (RFC 7523 sections 2.2 and 3, OpenID Connect Core section 9): made for one request,
 * good for 60 seconds, never the same twice.
 */
export function assertion(signer: Signer, { audience = 'issuer' }: AssertionOptions): ClientAuthentication {
  return async ({ clientId, server }) => {
    const iat = Math.floor(platform.now() / 1000)
    const claims = { iss: clientId, sub: clientId, aud: addressee(server, audience), jti: platform.randomId() }
    return {
      form: {
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await sign({ ...claims, iat, exp: iat + lifetime }, signer),
      },
    }
  }
}

function addressee(server: AuthorizationServer, audience: 'issuer' | 'token_endpoint'): string {
  const found = server[audience]
  if (found !== undefined) return found
  throw new NotSupportedError(
    'unsupported',
    `The metadata of ${server.issuer} names no ${audience} that an assertion could be addressed to.`,
  )
}
