import type { ClientAuthentication, ClientProof } from '../client/options.ts'
import { none, privateKeyJwt, tlsClientAuth } from '../keys/client-authentication.ts'
import { signingKey } from '../keys/managed-signing.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { NotSupportedError } from '../server-errors.ts'
import { load } from './home.ts'
import type { Keeping } from './keeping.ts'

/** How the registered client authenticates: what the server said, else what was declared, else what RFC 7591 defaults to. */
function methodOf({ declared }: Keeping, { token_endpoint_auth_method, client_secret }: RegistrationResponse): string {
  const said = token_endpoint_auth_method ?? declared.metadata.token_endpoint_auth_method
  return said ?? (client_secret === undefined ? 'none' : 'client_secret_basic')
}

async function authenticationBy(
  k: Keeping,
  method: string,
  secret: string | undefined,
): Promise<ClientAuthentication | undefined> {
  switch (method) {
    case 'none':
      return none()
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return tlsClientAuth()
    default:
      return secret === undefined ? undefined : k.bySecret?.(method, secret)
  }
}

/**
 * What proves the registered client in one token request.
 *
 * @throws {NotSupportedError} `unsupported` when its secret or key is the application's, or was not kept
 */
export async function proofOf(k: Keeping, registration: RegistrationResponse): Promise<ClientProof> {
  const method = methodOf(k, registration)
  const byKey = method === 'private_key_jwt' ? await proofByKey(k) : undefined
  if (byKey !== undefined) return byKey.proof
  const authentication = await authenticationBy(k, method, registration.client_secret)
  if (authentication === undefined) {
    throw new NotSupportedError(
      'unsupported',
      `This client authenticates with ${method}, and the manager holds nothing to do that with: the application does.`,
    )
  }
  const server = method.includes('tls') ? await k.conversation.discover() : bare(k)
  return authentication({ clientId: registration.client_id, server })
}

/** What the key proves that the manager keeps: the client of the same record, whoever was asked about. */
async function proofByKey(k: Keeping): Promise<{ clientId: string; proof: ClientProof } | undefined> {
  const { registration, keys } = (await load(k))?.record ?? {}
  if (registration === undefined || keys === undefined) return undefined
  const { client_id: clientId } = registration
  const authentication = privateKeyJwt(await signingKey(keys, k.store.keys))
  return { clientId, proof: await authentication({ clientId, server: bare(k) }) }
}

/** The metadata that a proof needs which looks at none of it: no request is made for it. */
const bare = ({ options, identity }: Keeping): AuthorizationServer => options.server ?? { issuer: identity[0] }

/** The proofs to ask the server with. Where nobody said which method it is, a denial counts only if each is denied. */
export async function proofsOf(
  k: Keeping,
  registration: RegistrationResponse,
  server: AuthorizationServer,
): Promise<ClientProof[]> {
  const { client_secret, client_id, token_endpoint_auth_method: stated } = registration
  const method = methodOf(k, registration)
  if (method === 'private_key_jwt') {
    const byKey = await proofByKey(k)
    return byKey?.clientId === client_id ? [byKey.proof] : []
  }
  const guessed = stated === undefined && client_secret !== undefined && method !== 'none'
  const methods = guessed ? [method, 'client_secret_post', 'client_secret_basic'] : [method]
  const proofs = [...new Set(methods)].map(async (it) => {
    const way = await authenticationBy(k, it, client_secret)
    return way?.({ clientId: client_id, server })
  })
  return (await Promise.all(proofs)).filter((proof) => proof !== undefined)
}
