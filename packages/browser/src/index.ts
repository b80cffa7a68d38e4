export {
  applicationTypeOf,
  InvalidRequestError,
  localized,
  memoryStore,
  NotSupportedError,
  PolicyError,
  RegistrationClient,
  RegistrationError,
  RegistrationManager,
  ServerRefusedError,
  StateError,
  StoreError,
  TransportError,
  UnexpectedAnswerError,
} from '@registrant/core'
export type * from '@registrant/core'
export { indexedDbStore } from './indexed-db-store.ts'
