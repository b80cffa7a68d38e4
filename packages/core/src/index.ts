export { NotSupportedError, PolicyError, ServerRefusedError, UnexpectedAnswerError } from './server-errors.ts'
export { InvalidRequestError, RegistrationError, StateError, StoreError, TransportError } from './errors.ts'
export type { Refusal } from './server-errors.ts'
export type { ErrorDetails, Outcome } from './errors.ts'
export { RegistrationClient } from './client/client.ts'
export type { ClientCredentialsOptions } from './client/secret/client-secret.ts'
export { clientCredentials } from './client/client-credentials.ts'
export { RegistrationManager } from './manager/secret-manager.ts'
export type { KeysOptions, ManagerOptions } from './manager/options.ts'
export type { RegistrationStatus } from './manager/maintain/status.ts'
export type { Waiting } from './manager/maintain/waiting.ts'
export { memoryStore } from './store.ts'
export type { KeyHome, KeyPair, RegistrationStore, StoredValue, StoreRisk } from './store.ts'
export type { Orphan, RegistrationEvent } from './events.ts'
export type {
  CallOptions,
  ClientAuthentication,
  ClientOptions,
  Dpop,
  TokenContext,
  TokenSource,
} from './client/options.ts'
export type { AccessToken } from './model/authorization-server.ts'
export { applicationTypeOf } from './model/metadata.ts'
export { localized } from './model/metadata.ts'
export type { LocalizableMember } from './model/metadata.ts'
export type { AuthorizationServer } from './model/authorization-server.ts'
export type { ServerFlags } from './model/authorization-server.ts'
export type { ServerLists } from './model/authorization-server.ts'
export type { PreferredRoute, PreRegisteredClient, RegistrationRoute } from './identity/choose-registration.ts'
export type { ProtectedResource } from './identity/resource-metadata.ts'
export type { ClientMetadata } from './model/client-metadata.ts'
export type { AuthorizationRequestMetadata } from './model/metadata-extensions.ts'
export type { AuthorizationResponseMetadata } from './model/metadata-extensions.ts'
export type { BackchannelMetadata } from './model/metadata-extensions.ts'
export type { MetadataChoices } from './model/metadata-extensions.ts'
export type { CredentialMetadata } from './model/metadata-extensions.ts'
export type { FederationMetadata } from './model/metadata-extensions.ts'
export type { LocalizedMetadata, StandardMetadata } from './model/client-metadata.ts'
export type { LogoutMetadata } from './model/client-metadata.ts'
export type { MutualTlsMetadata } from './model/metadata-extensions.ts'
export type { NfvMetadata } from './model/metadata-extensions.ts'
export type { OpenIdMetadata } from './model/client-metadata.ts'
export type { Rfc7591Metadata } from './model/client-metadata.ts'
export type { TokenMetadata } from './model/metadata-extensions.ts'
export type { UmaMetadata } from './model/metadata-extensions.ts'
export type { Jwk, JwkSet, PublicJwk } from './model/jwk.ts'
export type {
  ApplicationType,
  AuthenticationMethod,
  Awaitable,
  ContentEncryption,
  DeliveryMode,
  EncryptionAlgorithm,
  Given,
  GrantType,
  JsonValue,
  ResponseMode,
  ResponseType,
  SigningAlgorithm,
  SubjectType,
} from './model/values.ts'
export type { Finding } from './model/http.ts'
export type { ClientProof, HttpAnswer, HttpRequest } from './model/http.ts'
export type { Deviation, Reading } from './model/http.ts'
export type {
  Changes,
  KnownClient,
  RegisteredClient,
  RegistrationRequest,
  RegistrationResponse,
  RequestInput,
  RequestMembers,
  UpdateRequest,
} from './model/registration.ts'
export type { ServerAdvice, ServerProfile } from './profiles/server-profile.ts'
