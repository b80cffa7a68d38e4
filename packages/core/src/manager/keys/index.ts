import type { ClientAuthentication } from '../../client/options.ts'
import { generateClientKeys } from '../../keys/client-keys.ts'
import { privateKeyJwt } from '../../keys/client-authentication.ts'

// What is loaded when keys are made, or the client has to prove itself.
export { authenticationBy, clientProof, provenBy } from './authentication.ts'
export { listedAlgorithm, withManagedKeys } from './request-keys.ts'

/** The proof of a client that can't exist: signed by a key that nobody knows. */
export async function throwAwayKey(
  alg: string | undefined,
  audience: 'issuer' | 'token_endpoint' | undefined,
): Promise<ClientAuthentication> {
  return privateKeyJwt({ key: await generateClientKeys({ alg }), audience })
}
