export {
  InvalidRequestError,
  NotSupportedError,
  PolicyError,
  RegistrationError,
  ServerRefusedError,
  StateError,
  StoreError,
  TransportError,
  UnexpectedAnswerError,
} from './errors.ts'
export type { ErrorDetails, Outcome, Refusal } from './errors.ts'
export { RegistrationClient } from './client/client.ts'
export { clientCredentials } from './client/client-credentials.ts'
export type { ClientCredentialsOptions } from './client/client-credentials.ts'
export { RegistrationManager } from './manager/manager.ts'
export type { KeysOptions } from './manager/keys.ts'
export type { KeepingOptions, ManagerOptions } from './manager/options.ts'
export type { RegistrationStatus } from './manager/status.ts'
export { memoryStore } from './store.ts'
export type { KeyHome, KeyPair, RegistrationStore, StoredValue, WebCryptoKey } from './store.ts'
export type { Orphan, RegistrationEvent } from './events.ts'
export type {
  CallOptions,
  ClientAuthentication,
  ClientOptions,
  ClientProof,
  Dpop,
  SharedOptions,
  TokenContext,
  TokenSource,
} from './client/options.ts'
export type { AccessToken } from './model/access-token.ts'
export { applicationTypeOf } from './model/application-type.ts'
export { localized } from './model/localized.ts'
export type { LocalizableMember } from './model/localized.ts'
export type { AuthorizationServer } from './model/authorization-server.ts'
export type { ServerFlags } from './model/server/flags.ts'
export type { ServerLists } from './model/server/lists.ts'
export type { ProtectedResource } from './model/protected-resource.ts'
export type { Awaitable } from './model/awaitable.ts'
export type { ClientMetadata } from './model/client-metadata.ts'
export type { AuthorizationRequestMetadata } from './model/metadata/authorization-request.ts'
export type { AuthorizationResponseMetadata } from './model/metadata/authorization-response.ts'
export type { BackchannelMetadata } from './model/metadata/backchannel.ts'
export type { MetadataChoices } from './model/metadata/choices.ts'
export type { CredentialMetadata } from './model/metadata/credentials.ts'
export type { FederationMetadata } from './model/metadata/federation.ts'
export type { LogoutMetadata } from './model/metadata/logout.ts'
export type { MutualTlsMetadata } from './model/metadata/mutual-tls.ts'
export type { NfvMetadata } from './model/metadata/nfv.ts'
export type { OpenIdMetadata } from './model/metadata/openid.ts'
export type { Rfc7591Metadata } from './model/metadata/rfc7591.ts'
export type { TokenMetadata } from './model/metadata/token.ts'
export type { UmaMetadata } from './model/metadata/uma.ts'
export type { JwkSet, PublicJwk } from './model/jwk.ts'
export type * from './model/values.ts'
export type { Finding } from './model/finding.ts'
export type { HttpAnswer, HttpRequest } from './model/http.ts'
export type { Deviation, Reading } from './model/reading.ts'
export type { Changes, RegistrationRequest, RegistrationResponse, UpdateRequest } from './model/registration.ts'
export type { ServerProfile } from './profiles/server-profile.ts'
