import type { OpenString } from '../values.ts'

/** The members that OpenID Federation 1.0 registers for clients. */
export interface FederationMetadata {
  /** How the client gets known in a federation. Default: none (OpenID Federation section 5.1.2). */
  client_registration_types?: OpenString<'automatic' | 'explicit'>[] | undefined
  /** The https address of the client's public keys as a signed JWT. Default: none (OpenID Federation section 5.2.1). */
  signed_jwks_uri?: string | undefined
  /** The organization that owns the client, for users. Default: none (OpenID Federation section 5.2.2). */
  organization_name?: string | undefined
  /** What the client is for, for users. Default: none (OpenID Federation section 5.2.2). */
  description?: string | undefined
  /** Words to find the client by. Default: none (OpenID Federation section 5.2.2). */
  keywords?: string[] | undefined
  /** A page about the client, for users. Default: none (OpenID Federation section 5.2.2). */
  information_uri?: string | undefined
  /** The organization's own page. Default: none (OpenID Federation section 5.2.2). */
  organization_uri?: string | undefined
  /** `organization_name` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `organization_name#${string}`]: string | undefined
  /** `description` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `description#${string}`]: string | undefined
  /** `keywords` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `keywords#${string}`]: string[] | undefined
  /** `information_uri` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `information_uri#${string}`]: string | undefined
  /** `organization_uri` in the language of a BCP 47 tag (OpenID Federation section 14). */
  [localized: `organization_uri#${string}`]: string | undefined
}
