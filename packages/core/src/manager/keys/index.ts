// What is loaded when keys are made, or the client has to prove itself.
export { authenticationBy, clientProof, provenBy } from './authentication.ts'
export { listedAlgorithm, throwAwayKey, withManagedKeys } from './request-keys.ts'
