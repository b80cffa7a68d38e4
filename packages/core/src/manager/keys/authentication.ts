import type { ClientAuthentication } from '../../client/options.ts'
import { tokenAlias } from '../../exchange/addresses.ts'
import type { SecretAlgorithm } from '../../keys/client-authentication.ts'
import { none, privateKeyJwt, secretAlgorithm, tlsClientAuth } from '../../keys/client-authentication.ts'
import type { AuthorizationServer } from '../../model/authorization-server.ts'
import { methodByList } from '../../model/authorization-server.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { NotSupportedError } from '../../server-errors.ts'
import type { Context, ProofOf } from '../context.ts'
import { inForce, statedMethod, usesAliases } from '../record/credentials.ts'
import type { ManagedKeys, RegistrationRecord } from '../record/record.ts'
import { KeyLost, missing, storeFailure } from '../errors.ts'

/** How a client proves itself. */
export interface ProofMethod {
  method: string
  /** The algorithm of its assertions, where its key does not say so. */
  alg: SecretAlgorithm | undefined
  /** Who its assertions are addressed to. */
  audience: 'issuer' | 'token_endpoint' | undefined
}

/**
 * How a client proves itself: as it was registered, else as it was declared, else by what the server's metadata list. The
 * metadata are asked for only where neither says it.
 *
 * @throws {NotSupportedError} `unsupported` when the server registered an algorithm that no secret signs with
 */
export async function provenBy(
  context: Context,
  record: RegistrationRecord,
  registration: RegistrationResponse,
  discover: () => Promise<AuthorizationServer>,
): Promise<ProofMethod> {
  const metadata = inForce(record, context.declared)
  const audience = audienceOf(context)
  const isOpen = registration.client_secret !== undefined
  const stated = statedMethod(registration, metadata) ?? (isOpen ? undefined : 'none')
  const method = stated ?? methodByList(await discover())
  if (method !== 'client_secret_jwt') return { method, alg: undefined, audience }
  const said = registration.token_endpoint_auth_signing_alg ?? metadata.token_endpoint_auth_signing_alg
  return { method, alg: await secretAlgorithm(said, discover), audience }
}

/** Who assertions are addressed to, where the options or the profile say so. */
const audienceOf = ({ options: { keys, profile } }: Context): 'issuer' | 'token_endpoint' | undefined =>
  keys?.audience ?? profile?.tokenAudience

/**
 * Makes the proof of a registered client for one token request: of this client, or of the one in use.
 *
 * @throws {StateError} `missing` when there is none
 * @throws {NotSupportedError} `unsupported` when its secret or key is the application's, or was not kept
 * @throws {KeyLost} the key home has lost the key
 */
export async function clientProof(
  context: Context,
  client: RegistrationResponse | undefined,
  discover: () => Promise<AuthorizationServer>,
): ReturnType<ProofOf> {
  const { record } = context.memory.latest ?? {}
  const registration = client ?? record?.registration
  if (record === undefined || registration === undefined) throw missing()
  const { profile } = context.options
  const isMutual = usesAliases(context, registration)
  const way = await provenBy(context, record, registration, discover)
  const authentication = await authenticationBy(context, way, registration.client_secret, record)
  // No secret is kept of a client that is only listed, which says nothing of how that client proves itself.
  const isListed = registration.client_id !== record.registration?.client_id
  const isGuessed = isListed && statedMethod(registration, inForce(record, context.declared)) === undefined
  if (authentication === undefined || isGuessed) {
    throw new NotSupportedError(
      'unsupported',
      `This client authenticates with ${way.method}, and the manager holds nothing to do that with: the application does.`,
    )
  }
  const isAddressed = way.method.includes('tls') || (way.method.endsWith('_jwt') && way.audience !== undefined)
  const server = isAddressed || isMutual ? await discover() : bare(context)
  const proof = await authentication({ clientId: registration.client_id, server, profile })
  const endpoint = isMutual ? tokenAlias(server) : undefined
  return endpoint === undefined ? proof : { ...proof, endpoint }
}

/** The managed keys, unless the client in use is known by others: a key that is only planned proves nothing. */
function keysInForce({ keys, declaration }: RegistrationRecord): ManagedKeys | undefined {
  const { keys: known = [] } = declaration?.metadata.jwks ?? {}
  return known.length > 0 && !known.some(({ kid }) => kid === keys?.current.kid) ? undefined : keys
}

/** How the manager can prove the client; `undefined` where the application holds what it takes. */
export async function authenticationBy(
  context: Context,
  { method, alg, audience }: ProofMethod,
  secret: string | undefined,
  record: RegistrationRecord,
): Promise<ClientAuthentication | undefined> {
  const keys = keysInForce(record)
  switch (method) {
    case 'none':
      return none()
    case 'private_key_jwt':
      return keys && byManagedKey(context, keys, audience)
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return tlsClientAuth()
    default:
      return secret === undefined
        ? undefined
        : context.bySecret?.(method, secret, { alg, audience, now: () => context.clock.now() })
  }
}

/**
 * Asks the store's home for keys, with the same deadline and the same errors as the store.
 *
 * @throws {StoreError}
 */
export async function inHome<T>({ inTime }: Context, ask: () => Promise<T>): Promise<T> {
  try {
    return await inTime('key home', ask)
  } catch (error) {
    throw storeFailure(error)
  }
}

/** Proves the client by the key that signs now. */
async function byManagedKey(
  context: Context,
  { current }: ManagedKeys,
  audience: ProofMethod['audience'],
): Promise<ClientAuthentication> {
  const { kid, publicJwk, privateJwk } = current
  const home = context.store.keys
  const pair = privateJwk ? undefined : home && (await inHome(context, () => home.load(kid)))
  const key = privateJwk ?? pair?.privateKey
  if (key === undefined) throw new KeyLost(kid)
  return privateKeyJwt({ key, alg: publicJwk.alg, kid, audience, now: () => context.clock.now() })
}

/** Server metadata without a request, for a proof that uses none of them. */
const bare = ({ options, identity }: Context): AuthorizationServer => options.server ?? { issuer: identity[0] }
