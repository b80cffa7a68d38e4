import type { AuthorizationServer } from '../model/authorization-server.ts'
import { NotSupportedError } from '../server-errors.ts'

/** What signs with a secret, in the order in which it is chosen. */
const secretAlgorithms = ['HS256', 'HS384', 'HS512'] as const
export type SecretAlgorithm = (typeof secretAlgorithms)[number]

/**
 * What a client of `client_secret_jwt` signs its assertions with: as it was registered or declared, else what the server
 * lists, else HS256.
 *
 * @throws {NotSupportedError} `unsupported` when an algorithm is registered that no secret signs with
 */
export async function secretAlgorithm(
  said: string | undefined,
  discover: () => AuthorizationServer | Promise<AuthorizationServer>,
): Promise<SecretAlgorithm> {
  if (said === undefined) {
    const { token_endpoint_auth_signing_alg_values_supported: list } = await discover()
    return secretAlgorithms.find((it) => list?.includes(it)) ?? 'HS256'
  }
  const alg = secretAlgorithms.find((it) => it === said)
  if (alg !== undefined) return alg
  throw new NotSupportedError(
    'unsupported',
    'This client is registered to sign its assertions with its secret, by an algorithm (token_endpoint_auth_signing_alg) that is for key pairs. Declare HS256, HS384 or HS512.',
  )
}
