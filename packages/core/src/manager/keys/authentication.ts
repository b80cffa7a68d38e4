import { NotSupportedError } from '../../server-errors.ts'
import type { ClientAuthentication, ClientProof } from '../../client/options.ts'
import { none } from '../../keys/client-authentication.ts'
import { privateKeyJwt } from '../../keys/client-authentication.ts'
import { tlsClientAuth } from '../../keys/client-authentication.ts'
import type { AuthorizationServer } from '../../model/authorization-server.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { late } from '../../client/abort.ts'
import { bounded } from '../../client/deadline.ts'
import type { Context } from '../context.ts'
import { methodOf } from '../record/credentials.ts'
import type { ManagedKeys } from '../record/keys.ts'
import type { RegistrationRecord } from '../record/record.ts'
import type { SigningOptions } from '../../keys/sign.ts'

/** The key home no longer has the key that the record names. */
export class KeyLost extends Error {
  override readonly name = 'KeyLost'
  readonly kid: string

  constructor(kid: string) {
    super('The key home no longer has the key of the client.')
    this.kid = kid
  }
}

/**
 * What proves the registered client in one token request.
 *
 * @throws {NotSupportedError} `unsupported` when its secret or key is the application's, or was not kept
 * @throws {KeyLost} the key home has lost the key
 */
export async function clientProof(
  context: Context,
  record: RegistrationRecord,
  registration: RegistrationResponse,
): Promise<ClientProof> {
  const method = methodOf(registration, context.declared.metadata)
  const authentication = await authenticationBy(context, method, registration.client_secret, record.keys)
  if (authentication === undefined) {
    throw new NotSupportedError(
      'unsupported',
      `This client authenticates with ${method}, and the manager holds nothing to do that with: the application does.`,
    )
  }
  const { profile } = context.options
  const isAddressed = method.includes('tls') || (method === 'private_key_jwt' && audienceOf(context) !== undefined)
  const server = isAddressed ? await context.session.discover() : bare(context)
  return authentication({ clientId: registration.client_id, server, profile })
}

/** How the manager can prove the client; `undefined` where the application holds what it takes. */
export async function authenticationBy(
  context: Context,
  method: string,
  secret: string | undefined,
  keys: ManagedKeys | undefined,
): Promise<ClientAuthentication | undefined> {
  switch (method) {
    case 'none':
      return none()
    case 'private_key_jwt':
      return keys && privateKeyJwt({ ...(await signingKey(context, keys)), audience: audienceOf(context) })
    case 'tls_client_auth':
    case 'self_signed_tls_client_auth':
      return tlsClientAuth()
    default:
      return secret === undefined ? undefined : context.bySecret?.(method, secret)
  }
}

/** Who the assertions of managed keys are addressed to, where somebody said so. */
export const audienceOf = ({ options: { keys, profile } }: Context): 'issuer' | 'token_endpoint' | undefined =>
  keys?.audience ?? profile?.tokenAudience

/** The key that signs now. */
async function signingKey({ store, timeout }: Context, { current }: ManagedKeys): Promise<SigningOptions> {
  const { kid, publicJwk, privateJwk } = current
  const home = store.keys
  const pair = privateJwk
    ? undefined
    : home && (await bounded(timeout, undefined, () => home.load(kid), late('key home')))
  const key = privateJwk ?? pair?.privateKey
  if (key === undefined) throw new KeyLost(kid)
  return { key, alg: publicJwk.alg, kid }
}

/** The metadata that a proof needs which looks at none of it: no request is made for it. */
const bare = ({ options, identity }: Context): AuthorizationServer => options.server ?? { issuer: identity[0] }
