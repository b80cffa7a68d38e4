import { StoreError } from '../errors.ts'
import type { ManagedKeys } from '../manager/keys.ts'
import type { KeyHome } from '../store.ts'
import type { SigningOptions } from './sign.ts'

/**
 * The key that signs now.
 *
 * @throws {StoreError} `store-corrupt` when the store's home has lost it
 */
export async function signingKey({ current }: ManagedKeys, home: KeyHome | undefined): Promise<SigningOptions> {
  const { kid, publicJwk, privateJwk } = current
  const key = privateJwk ?? (await home?.load(kid))?.privateKey
  if (key !== undefined) return { key, alg: publicJwk.alg, kid }
  throw new StoreError(
    'store-corrupt',
    'The record names a private key that the store no longer has. forget() starts over with another client.',
  )
}
