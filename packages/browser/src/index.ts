export {
  applicationTypeOf,
  InvalidRequestError,
  localized,
  memoryStore,
  NotSupportedError,
  PolicyError,
  RegistrationClient,
  RegistrationError,
  ServerRefusedError,
  StateError,
  StoreError,
  TransportError,
  UnexpectedAnswerError,
} from '@registrant/core'
export type * from '@registrant/core'
export { indexedDbStore } from './indexed-db-store/indexed-db-store.ts'
export { RegistrationManager } from './manager.ts'
export type { ManagerOptions } from './manager.ts'
