import type { CallOptions, ClientProof } from '../client/options.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { RegistrationResponse } from '../model/registration.ts'

/** What a hand-over needs of a `RegistrationManager`. */
export interface KeptClient {
  ensure(options?: CallOptions): Promise<RegistrationResponse>
  server(options?: CallOptions): Promise<AuthorizationServer>
  authentication(options?: CallOptions): Promise<ClientProof>
  reportRejected(rejected: Credentials, options?: CallOptions): Promise<RegistrationResponse>
}

/** What a client is known by. */
export interface Credentials {
  client_id: string
  client_secret?: string | undefined
}

/** Who was handed over last, by manager: a library's error does not say whom it is about. */
const handed = new WeakMap<KeptClient, Credentials>()

/** The credentials that a request of this manager's client was last made with. */
export const lastHanded = (manager: KeptClient): Credentials | undefined => handed.get(manager)

/** The registration as it is stored now, noted as the one that the next request is made with. */
export async function handOver(manager: KeptClient): Promise<RegistrationResponse> {
  const registration = await manager.ensure()
  handed.set(manager, registration)
  return registration
}

/** Lays what proves the client, as it is stored now, over a request to the token endpoint. */
export async function authenticate(manager: KeptClient, form: URLSearchParams, headers: Headers): Promise<void> {
  await handOver(manager)
  const proof = await manager.authentication()
  for (const [name, value] of Object.entries(proof.form ?? {})) form.set(name, value)
  for (const [name, value] of Object.entries(proof.headers ?? {})) headers.set(name, value)
}
