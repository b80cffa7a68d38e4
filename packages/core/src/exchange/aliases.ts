/** Misspelt, singular or older names that servers answer with, and the standard member that each of them means. */
export const aliases: Readonly<Record<string, string>> = {
  scopes: 'scope',
  post_logout_redirect_uri: 'post_logout_redirect_uris',
  claims_redirect_uri: 'claims_redirect_uris',
  tls_client_certificate_bound_access_token: 'tls_client_certificate_bound_access_tokens',
  authorization_data_types: 'authorization_details_types',
  client_id_expires_at: 'client_secret_expires_at',
  require_push_authorization_request: 'require_pushed_authorization_requests',
  require_par: 'require_pushed_authorization_requests',
  request_object_encryption_algorithm: 'request_object_encryption_alg',
  request_object_encryption_method: 'request_object_encryption_enc',
  token_endpoint_auth_methods: 'token_endpoint_auth_method',
  type: 'application_type',
}
