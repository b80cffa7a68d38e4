import type { X509Certificate } from 'node:crypto'
import { TLSSocket } from 'node:tls'

import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'

/** Authentication by the certificate of the connection (RFC 8705), as oidc-provider wants it answered. */
export const mutualTls: NonNullable<Configuration['features']>['mTLS'] = {
  enabled: true,
  tlsClientAuth: true,
  certificateAuthorized: ({ req: { socket } }: KoaContextWithOIDC) => socket instanceof TLSSocket && socket.authorized,
  certificateSubjectMatches: (ctx: KoaContextWithOIDC, property: string, expected: string) => {
    const certificate = certificateOf(ctx)
    if (property === 'tls_client_auth_subject_dn') return certificate?.subject === expected
    if (property === 'tls_client_auth_san_dns') return certificate?.subjectAltName === `DNS:${expected}`
    throw new Error(`${property} is not understood here`)
  },
  getCertificate: (ctx: KoaContextWithOIDC) => certificateOf(ctx)?.toString(),
}

const certificateOf = ({ req: { socket } }: KoaContextWithOIDC): X509Certificate | undefined =>
  socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
