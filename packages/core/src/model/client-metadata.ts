/** A value that editors complete from a list, while any other string is accepted too. */
export type OpenString<Known extends string> = Known | (string & Record<never, never>)

/** The members of a client's metadata that RFC 7591 section 2 defines; the wire's spelling. */
export interface ClientMetadata {
  redirect_uris?: string[] | undefined
  token_endpoint_auth_method?:
    | OpenString<'none' | 'client_secret_post' | 'client_secret_basic' | 'client_secret_jwt' | 'private_key_jwt'>
    | undefined
  grant_types?: OpenString<'authorization_code' | 'implicit' | 'refresh_token' | 'client_credentials'>[] | undefined
  response_types?: OpenString<'code' | 'token' | 'id_token'>[] | undefined
  client_name?: string | undefined
  client_uri?: string | undefined
  logo_uri?: string | undefined
  scope?: string | undefined
  contacts?: string[] | undefined
  tos_uri?: string | undefined
  policy_uri?: string | undefined
  jwks_uri?: string | undefined
  jwks?: { keys: Record<string, unknown>[] } | undefined
  software_id?: string | undefined
  software_version?: string | undefined
  application_type?: 'web' | 'native' | undefined
}
