import type { RegistrationRequest } from '@registrant/core'

import { keysOf } from '../environment/configuration.ts'
import type { Configured } from '../environment/configuration.ts'
import { loadKeys } from './look/load.ts'

/** What would be declared. Where the manager is to keep keys, a key is in it that was made for this look alone. */
export async function declaredBy({ members, metadata = {} }: Configured): Promise<RegistrationRequest> {
  const keys = keysOf(members)
  if (keys === undefined) return metadata
  const { alg = metadata.token_endpoint_auth_signing_alg } = keys
  const signing = alg && { token_endpoint_auth_signing_alg: alg }
  const declared = { ...metadata, token_endpoint_auth_method: 'private_key_jwt', ...signing }
  if (metadata.jwks_uri) return declared
  const { generateClientKeys } = await loadKeys()
  const { publicJwk } = await generateClientKeys({ alg })
  return { ...declared, jwks: { keys: [...(metadata.jwks?.keys ?? []), publicJwk] } }
}
