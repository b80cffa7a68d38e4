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
export type { KeepingOptions, ManagerOptions } from './manager/options.ts'
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
export type { AuthorizationServer } from './model/authorization-server.ts'
export type { Awaitable } from './model/awaitable.ts'
export type { ClientMetadata, OpenString } from './model/client-metadata.ts'
export type { Finding } from './model/finding.ts'
export type { HttpAnswer, HttpRequest } from './model/http.ts'
export type { Deviation, Reading } from './model/reading.ts'
export type { Changes, RegistrationRequest, RegistrationResponse } from './model/registration.ts'
export type { ServerProfile } from './profiles/server-profile.ts'
