import type { ClientAuthentication } from '../client/options.ts'
import { clientSecretBasic, clientSecretPost } from '../client/secret/client-secret.ts'
import type { ClientSecretJwtOptions } from '../keys/client-proof.ts'
import { clientSecretJwt } from '../keys/client-proof.ts'

export function authenticationBySecret(
  method: string,
  secret: string,
  options?: ClientSecretJwtOptions,
): ClientAuthentication | undefined {
  switch (method) {
    case 'client_secret_basic':
      return clientSecretBasic(secret)
    case 'client_secret_post':
      return clientSecretPost(secret)
    case 'client_secret_jwt':
      return clientSecretJwt(secret, options)
    default:
      return undefined
  }
}
