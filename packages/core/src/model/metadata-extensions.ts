/**
 * The members for clients with a certificate (RFC 8705). For `tls_client_auth` exactly one of the five
 * `tls_client_auth_*` names what the certificate must hold.
 */
export interface MutualTlsMetadata {
  /** The subject's distinguished name in the certificate, written as in RFC 4514. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_subject_dn?: string | undefined
  /** A dNSName in the certificate. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_san_dns?: string | undefined
  /** A uniformResourceIdentifier in the certificate. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_san_uri?: string | undefined
  /** An iPAddress in the certificate: dotted IPv4, or IPv6 text. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_san_ip?: string | undefined
  /** An rfc822Name in the certificate. Default: none (RFC 8705 section 2.1.2). */
  tls_client_auth_san_email?: string | undefined
  /** Access tokens are bound to the client's certificate. Default: false (RFC 8705 section 3.4). */
  tls_client_certificate_bound_access_tokens?: boolean | undefined
  /**
   * The client only uses the server's `mtls_endpoint_aliases`. Default: false
   * (FAPI 2.0 Security Profile section 5.2.2.1.1).
   */
  use_mtls_endpoint_aliases?: boolean | undefined
}
