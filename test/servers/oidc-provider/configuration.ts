import { randomBytes } from 'node:crypto'

import type { Registrar, TlsOptions } from '@registrant/node/testing'
import type { ClientMetadata, Configuration } from 'oidc-provider'

import { mutualTls } from './mutual-tls.ts'

/** How the server behaves; the defaults are those of oidc-provider. */
export interface OidcProviderOptions {
  /** Everybody may register, without a token and from any origin (CORS). Default: a token with scope `register` is needed. */
  open?: boolean
  /** An update brings a new registration access token and ends the old one. Default: true. */
  rotation?: boolean
  /** Seconds after which a client secret stops working. Default: never. */
  secretLifetime?: number
  /** An update starts the secret's life anew. Default: false. */
  renewSecretOnUpdate?: boolean
  /** Seconds for which an access token is good. Default: 600. */
  tokenLifetime?: number
  /** Further clients that are there from the start, beside the two that may register others. */
  clients?: ClientMetadata[]
  /** Tokens can be bound to a key (RFC 9449); `nonce`: only a proof that holds a nonce of the server is good. */
  dpop?: 'plain' | 'nonce'
  /** It speaks TLS, and clients can authenticate by certificates of this authority (RFC 8705). */
  tls?: TlsOptions
  /** What a client may ask for, besides `register`. */
  scopes?: string[]
  /** Clients may be described by documents of their own, which it fetches by this. Default: it takes none. */
  fetchDocument?: typeof fetch
}

/** A client that may register others, by HTTP Basic: its credentials arrive wrong unless RFC 6749 section 2.3.1 is followed. */
export const basicRegistrar: Registrar = {
  clientId: 'register:client',
  clientSecret: 'p%ss word+:&',
  scope: 'register',
  authentication: 'client_secret_basic',
}

/** What is laid over the configuration that oidc-provider is started with. */
export function furtherConfiguration({ clients = [], dpop, tls, fetchDocument }: OidcProviderOptions): Configuration {
  const { clientId: client_id, clientSecret: client_secret, scope } = basicRegistrar
  const grant = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }
  const registering: ClientMetadata = { client_id, client_secret, scope, ...grant }
  const methods = ['client_secret_basic', 'client_secret_jwt', 'client_secret_post', 'private_key_jwt', 'none'] as const
  return {
    clients: [{ ...registering, token_endpoint_auth_method: 'client_secret_basic' }, ...clients],
    clientAuthMethods: [...methods, ...(tls ? (['tls_client_auth'] as const) : [])],
    features: {
      dPoP: { enabled: dpop !== undefined, nonceSecret: randomBytes(32), requireNonce: () => dpop === 'nonce' },
      ...(tls && { mTLS: mutualTls }),
      ...(fetchDocument && { clientIdMetadataDocument: { enabled: true, ack: 'draft-02' } }),
    },
    ...(fetchDocument && { fetch: fetchDocument }),
  }
}
