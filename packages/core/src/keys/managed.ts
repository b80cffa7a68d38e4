import type { KeysOptions } from '../manager/options.ts'
import type { ManagedKey, ManagedKeys } from '../manager/record/keys.ts'
import type { KeyHome } from '../store.ts'
import { generateClientKeys, exportJwk } from './client-keys.ts'

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
