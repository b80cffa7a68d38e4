import { StoreError } from '../errors.ts'
import type { KeysOptions, ManagedKey, ManagedKeys } from '../manager/keys.ts'
import type { KeyHome } from '../store.ts'
import { generateClientKeys } from './client-keys.ts'
import { jose } from './load.ts'
import type { SigningOptions } from './signing-key.ts'

/** How keys are made and kept. */
export interface Keeping extends KeysOptions {
  /** Where keys live that can't be exported; without it they are written into the record. */
  home: KeyHome | undefined
}

/** The first key; or without the one whose time is over, and with another one where the current one is old. */
export async function nextKeys(keys: ManagedKeys | undefined, keeping: Keeping, now: number): Promise<ManagedKeys> {
  const { alg = 'ES256', rotateAfter = Infinity, home } = keeping
  if (keys === undefined) return { version: 1, alg, current: await makeKey(alg, home, now) }
  const { current, coming, retired } = keys
  const left = retired !== undefined && now < retired.until ? retired : undefined
  const follows = coming?.publicJwk.alg === alg ? coming : undefined
  const isOld = now >= current.madeAt + rotateAfter || current.publicJwk.alg !== alg
  return { ...keys, alg, retired: left, coming: isOld ? (follows ?? (await makeKey(alg, home, now))) : undefined }
}

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

async function makeKey(alg: string, home: KeyHome | undefined, madeAt: number): Promise<ManagedKey> {
  const { kid, publicJwk, privateKey, publicKey } = await generateClientKeys({ alg, extractable: home === undefined })
  if (home !== undefined) {
    await home.save(kid, { privateKey, publicKey })
    return { kid, madeAt, publicJwk }
  }
  const { exportJWK } = await jose()
  return { kid, madeAt, publicJwk, privateJwk: { ...(await exportJWK(privateKey)), kty: publicJwk.kty, kid, alg } }
}
