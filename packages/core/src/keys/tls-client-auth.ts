import type { ClientAuthentication } from '../client/options.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'

/**
 * Authenticates by the certificate of the TLS connection: `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705
 * section 2). The form carries the identifier alone.
 *
 * The connection is the platform's: pass a `fetch` that presents the certificate. The request goes to the server's
 * mutual-TLS alias of its token endpoint where its metadata names one (RFC 8705 section 5).
 */
export const tlsClientAuth =
  (): ClientAuthentication =>
  ({ clientId, server }) => ({ form: { client_id: clientId }, endpoint: aliasOf(server) })

function aliasOf({ mtls_endpoint_aliases: aliases }: AuthorizationServer): string | undefined {
  if (typeof aliases !== 'object' || aliases === null || !('token_endpoint' in aliases)) return undefined
  return typeof aliases.token_endpoint === 'string' ? aliases.token_endpoint : undefined
}
