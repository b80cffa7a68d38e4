import type { ClientAuthentication } from '../../client/options.ts'
import { exportJwk, generateClientKeys } from '../../keys/client-keys.ts'
import type { KeyHome } from '../../store.ts'
import type { KeysOptions } from '../options.ts'
import type { ManagedKey, ManagedKeys } from '../record/keys.ts'
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

/** How keys are made and kept. */
interface Keeping extends KeysOptions {
  /** Where keys live that can't be exported; without it they are written into the record. */
  home: KeyHome | undefined
  /** What was asked for, where `alg` is the server's choice. */
  wish?: string | undefined
}

/** The first key; or without the one whose time is over, and with another one where the current one is old. */
export async function nextKeys(keys: ManagedKeys | undefined, keeping: Keeping, now: number): Promise<ManagedKeys> {
  const { alg = 'ES256', wish = alg, rotateAfter = Infinity, home } = keeping
  if (keys === undefined) return { version: 1, alg: wish, current: await makeKey(alg, home, now) }
  const { current, coming, retired } = keys
  const left = retired !== undefined && now < retired.until ? retired : undefined
  const follows = coming?.publicJwk.alg === alg ? coming : undefined
  const isOld = now >= current.madeAt + rotateAfter || current.publicJwk.alg !== alg
  const next = isOld ? (follows ?? (await makeKey(alg, home, now))) : undefined
  return { ...keys, alg: wish, followed: alg === wish ? undefined : true, retired: left, coming: next }
}

async function makeKey(alg: string, home: KeyHome | undefined, madeAt: number): Promise<ManagedKey> {
  const { kid, publicJwk, privateKey, publicKey } = await generateClientKeys({ alg, extractable: home === undefined })
  if (home !== undefined) {
    await home.save(kid, { privateKey, publicKey })
    return { kid, madeAt, publicJwk }
  }
  return { kid, madeAt, publicJwk, privateJwk: { ...(await exportJwk(privateKey)), kid, alg } }
}
