import type { AuthorizationRequestMetadata } from './metadata/authorization-request.ts'
import type { AuthorizationResponseMetadata } from './metadata/authorization-response.ts'
import type { BackchannelMetadata } from './metadata/backchannel.ts'
import type { CredentialMetadata } from './metadata/credentials.ts'
import type { FederationMetadata } from './metadata/federation.ts'
import type { LogoutMetadata } from './metadata/logout.ts'
import type { MutualTlsMetadata } from './metadata-extensions.ts'
import type { NfvMetadata } from './metadata/nfv.ts'
import type { OpenIdMetadata } from './metadata/openid.ts'
import type { Rfc7591Metadata } from './metadata/rfc7591.ts'
import type { TokenMetadata } from './metadata/token.ts'
import type { UmaMetadata } from './metadata/uma.ts'

/**
 * What a client says of itself and a server answers: every standard member that travels both ways, in the wire's
 * spelling. Each member's default is what holds when a request leaves it out.
 */
export interface ClientMetadata
  extends
    Rfc7591Metadata,
    OpenIdMetadata,
    LogoutMetadata,
    MutualTlsMetadata,
    AuthorizationRequestMetadata,
    AuthorizationResponseMetadata,
    BackchannelMetadata,
    TokenMetadata,
    FederationMetadata,
    CredentialMetadata,
    UmaMetadata,
    NfvMetadata {}
