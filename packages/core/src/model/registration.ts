import type { ClientMetadata } from './client-metadata.ts'

/** What a client asks to be registered with (RFC 7591 section 2); closed, so that a misspelt member does not compile. */
export interface RegistrationRequest extends ClientMetadata {
  /** A signed JWT of claims about the software (RFC 7591 section 2.3). */
  software_statement?: string | undefined
}

/**
 * What the server said, in normal form (RFC 7591 section 3.2.1): plain JSON, secrets included, unknown members kept.
 * It can be stored, cloned and posted as it is.
 */
export interface RegistrationResponse extends ClientMetadata {
  /** The client's identifier; the one member that is always there. */
  client_id: string
  /** The client's secret, if it was given one. */
  client_secret?: string | undefined
  /** When the secret ends, in seconds since the epoch; 0 means never, absent means that the server did not say. */
  client_secret_expires_at?: number | undefined
  /** When the identifier was issued, in seconds since the epoch. */
  client_id_issued_at?: number | undefined
  /** The bearer token that manages this registration (RFC 7592 section 3); a secret. */
  registration_access_token?: string | undefined
  /** Where this registration is read, updated and deleted (RFC 7592 section 3). */
  registration_client_uri?: string | undefined
  [member: string]: unknown
}

/** Changes to a registration's metadata: a value replaces a member, `null` takes it out and is never sent. */
export type Changes<R> = { [K in keyof R]?: R[K] | null | undefined }
