import type { ClientMetadata, LocalizedMetadata, StandardMetadata } from './client-metadata.ts'
import type { ClientProof } from './http.ts'
import type { JwkSet } from './jwk.ts'
import type { MetadataChoices } from './metadata-extensions.ts'
import type { ApplicationType, DeliveryMode, Given, JsonValue } from './values.ts'

/**
 * The members of a request, each in one language. A value of the caller's own interface may be passed where it fits this one.
 * Lists may be read-only.
 */
export interface RequestMembers extends Given<StandardMetadata>, MetadataChoices {
  /**
   * Where the client runs, which decides what redirect URIs are allowed: `web` or `native`. Default: `web`
   * (OpenID Connect Dynamic Client Registration 1.0 section 2).
   */
  application_type?: ApplicationType | undefined
  /**
   * How the client learns that the user has answered: `poll`, `ping` or `push`. Default: none. Required with the CIBA
   * grant (CIBA Core 1.0 section 4).
   */
  backchannel_token_delivery_mode?: DeliveryMode | undefined
  /**
   * The client's public keys by value, for clients that can't host a `jwks_uri`; never together with it, never a private
   * key. Default: none (RFC 7591 section 2).
   */
  jwks?: Given<JwkSet> | undefined
  /**
   * A JWT in which a third party vouches for the software; its claims count more than the members beside it. Default:
   * none (RFC 7591 section 2.3).
   */
  software_statement?: string | undefined
}

/**
 * The metadata that a client asks to be registered with (RFC 7591 section 2). The type is closed, so that a misspelt member
 * does not compile; a profile adds a vendor's members.
 */
export interface RegistrationRequest extends RequestMembers, Given<LocalizedMetadata> {}

/** A request as calls take it: also a value of the caller's own interface, which can't declare members for every language. */
export type RequestInput = RegistrationRequest | RequestMembers

/**
 * What an update sends (RFC 7592 section 2.2): all metadata that are to hold from then on, since the server deletes what is
 * left out. `client.update` makes it from the last answer and the changes.
 */
export interface UpdateRequest extends RegistrationRequest {
  /** The client's identifier, as it was issued (RFC 7592 section 2.2). */
  client_id: string
  /** The client's current secret, never one of its own choice. Default: left out, which keeps it (RFC 7592 section 2.2). */
  client_secret?: string | undefined
}

/**
 * What the server said, in normal form (RFC 7591 section 3.2.1): plain JSON, secrets included, unknown members kept.
 * It can be stored, cloned and posted as it is.
 */
export interface RegistrationResponse extends ClientMetadata {
  /** The client's identifier; the one member that is always there (RFC 7591 section 3.2.1). */
  client_id: string
  /** The client's secret, if it was given one; a new one replaces the old at once (RFC 7591 section 3.2.1). */
  client_secret?: string
  /**
   * When the secret ends, in seconds since the epoch; 0 means never, absent means that the server did not say
   * (RFC 7591 section 3.2.1).
   */
  client_secret_expires_at?: number
  /** When the identifier was issued, in seconds since the epoch (RFC 7591 section 3.2.1). */
  client_id_issued_at?: number
  /**
   * The bearer token that manages this registration; a secret. A new one replaces the old at once
   * (RFC 7592 section 3).
   */
  registration_access_token?: string
  /** Where this registration is read, updated and deleted, to be used as it is (RFC 7592 section 3). */
  registration_client_uri?: string
  /** The software statement that was sent, unmodified (RFC 7591 section 3.2.1). */
  software_statement?: string
  /** Every other member that the server sent, untouched. */
  [member: string]: JsonValue | undefined
}

/**
 * A client that is known from elsewhere, as JSON: from `openid-client`, a file or another program. A standard member that has
 * another type than it must is converted as in an answer.
 */
export interface KnownClient {
  /** The client's identifier, as it was issued (RFC 7591 section 3.2.1). */
  client_id: string
  [member: string]: JsonValue | undefined
}

/** Changes to a registration's metadata: a value replaces a member; `null` takes the member out, and is never sent. */
export type Changes<R> = { [K in keyof R]?: R[K] | null | undefined }

/**
 * A registered client, as it is passed to a token source that gets a token of that client's own.
 *
 * @example
 * ```ts
 * import { clientCredentials } from '@registrant/core'
 * import type { TokenSource } from '@registrant/core'
 *
 * const updateAccessToken: TokenSource = ({ registered, ...context }) => {
 *   if (registered === undefined) return 'a token for whoever is no manager'
 *   return clientCredentials({ clientId: registered.client_id, authentication: registered.proof })(context)
 * }
 * ```
 * @see [RFC 7592 section 2](https://www.rfc-editor.org/rfc/rfc7592#section-2)
 */
export interface RegisteredClient {
  /** The client's identifier (RFC 7591 section 3.2.1). */
  client_id: string
  /**
   * Makes the proof of the client for one token request, fresh each time; `clientCredentials()` takes it as `authentication`.
   *
   * @throws {NotSupportedError} `unsupported`: its secret or key is the application's, or was not kept
   */
  proof: () => Promise<ClientProof>
}
