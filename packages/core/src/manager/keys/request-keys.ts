import { exportJwk, generateClientKeys } from '../../keys/client-keys.ts'
import type { RegistrationRequest } from '../../model/registration.ts'
import type { ClientAuthentication } from '../../client/options.ts'
import { privateKeyJwt } from '../../keys/client-authentication.ts'
import type { Context } from '../context.ts'
import type { Declaration, ManagedKey, ManagedKeys, RegistrationRecord } from '../record/record.ts'
import { keyAlgorithms, serversChoice } from '../record/layout.ts'
import { isFetched, publicKeys, signer } from '../record/managed-keys.ts'
import { inHome } from './authentication.ts'

/** What is asked for a client. Its keys are saved before anything is sent, so that none is ever lost. */
export interface Requested {
  declaration: Declaration
  keys: ManagedKeys | undefined
}

/** A declaration with the keys to publish with it: made now where there are none, or they are old or of another algorithm. */
export async function withManagedKeys(
  context: Context,
  record: RegistrationRecord | undefined,
  declared: Declaration,
  { as, fresh = false }: { as: 'new' | 'same'; fresh?: boolean },
): Promise<Requested> {
  const { options, clock, overlap } = context
  const { metadata } = declared
  const now = clock.now()
  const { alg: asked = metadata.token_endpoint_auth_signing_alg ?? record?.keys?.alg, rotateAfter } = options.keys ?? {}
  const alg = algorithmFor(record, asked) ?? 'ES256'
  const keys = await nextKeys(record?.keys, {
    alg,
    wish: asked ?? alg,
    isAlone: as === 'new' && (fresh || record?.keys?.coming?.alone === true),
    isFresh: fresh,
    rotateAfter,
    overlap: isFetched(options, declared) ? overlap : undefined,
    now,
    make: () => makeKey(context, alg, now),
  })
  const { coming, current, retired } = keys
  const signs = signer(keys, now)
  const last = retired && now < retired.until ? retired : undefined
  // A client that the server does not know yet needs no key that others sign with.
  const published = as === 'new' ? [signs] : [coming, current, last]
  return { keys, declaration: { ...declared, metadata: withKeys(metadata, signs, published, record?.keys) } }
}

/** The algorithm of the key that signs: the server's choice instead of the one asked for, as long as nobody asks for another. */
function algorithmFor(record: RegistrationRecord | undefined, wish: string | undefined): string | undefined {
  const { keys, registration } = record ?? {}
  if (keys === undefined || (wish !== undefined && wish !== keys.alg)) return wish
  const { coming, current } = keys
  const choice = serversChoice(registration)
  // As long as a key of another kind is only published, the server is told the kind of the one that signs.
  const isToMove = coming?.published !== undefined && choice === current.publicJwk.alg
  return (isToMove ? coming.publicJwk.alg : choice) ?? wish
}

/** An algorithm that the server lists, where nobody chose one and the list lacks the one that was planned. */
export async function listedAlgorithm(
  context: Context,
  { declaration }: Requested,
  signal: AbortSignal,
): Promise<string | undefined> {
  const said = context.options.keys?.alg ?? context.declared.metadata.token_endpoint_auth_signing_alg
  if (said !== undefined) return undefined
  const { token_endpoint_auth_signing_alg_values_supported: list = [] } = await context.session.discover({ signal })
  const { token_endpoint_auth_signing_alg: used = '' } = declaration.metadata
  return list.includes(used) ? undefined : keyAlgorithms.find((it) => list.includes(it))
}

/** What is declared, with the keys of the manager beside those that the application has for other purposes. */
function withKeys(
  metadata: RegistrationRequest,
  signs: ManagedKey,
  published: readonly (ManagedKey | undefined)[],
  before: ManagedKeys | undefined,
): RegistrationRequest {
  const keys = published.flatMap((key) => (key === undefined ? [] : [key.publicJwk]))
  const declared = { ...metadata, token_endpoint_auth_signing_alg: signs.publicJwk.alg }
  // The application publishes them itself.
  if (metadata.jwks_uri) return declared
  const managed = new Set([...keys, ...(before ? publicKeys(before).keys : [])].map(({ kid }) => kid))
  const others = (metadata.jwks?.keys ?? []).filter(({ kid }) => kid === undefined || !managed.has(kid))
  return { ...declared, jwks: { keys: [...keys, ...others] } }
}

/** How keys are made, and when. */
interface Keeping {
  alg: string
  /** What was asked for, where `alg` is the server's choice. */
  wish: string
  /** The key is for another client, since the one that signs must not be used any more. */
  isAlone: boolean
  /** Another key is asked for, however old the one that signs is. */
  isFresh: boolean
  rotateAfter: number | undefined
  /** Milliseconds for which another key is only published, where the server fetches the keys. */
  overlap: number | undefined
  now: number
  make: () => Promise<ManagedKey>
}

/**
 * The first key, or another one to come where the current one is old. The keys that the client in use is known by stay: the
 * request may fail.
 */
async function nextKeys(
  keys: ManagedKeys | undefined,
  { alg, wish, isAlone, isFresh, rotateAfter = Infinity, overlap, now, make }: Keeping,
): Promise<ManagedKeys> {
  if (keys === undefined) return { version: 1, alg: wish, current: await make() }
  const { current, coming } = keys
  const follows = coming?.publicJwk.alg === alg && !isAlone ? coming : undefined
  const isOther = current.publicJwk.alg !== alg
  const isOld = now >= current.madeAt + rotateAfter
  const isDue = isFresh || isOld || isOther || isAlone || follows?.published !== undefined
  // Where the server chose another algorithm, the key that signs is of no use any more.
  const waits = overlap !== undefined && !isAlone && !(isOther && alg !== wish)
  const published = waits ? (follows?.published ?? { at: now, length: overlap }) : undefined
  const next = isDue ? { ...(follows ?? (await make())), published, alone: isAlone || undefined } : undefined
  return { ...keys, wish: wish === keys.alg ? undefined : wish, coming: next }
}

async function makeKey(context: Context, alg: string, madeAt: number): Promise<ManagedKey> {
  const home = context.store.keys
  const { kid, publicJwk, privateKey, publicKey } = await generateClientKeys({ alg, extractable: home === undefined })
  if (home !== undefined) {
    await inHome(context, () => home.save(kid, { privateKey, publicKey }))
    return { kid, madeAt, publicJwk }
  }
  return { kid, madeAt, publicJwk, privateJwk: { ...(await exportJwk(privateKey)), kid, alg } }
}

/** The proof of a client that can't exist: signed by a key that nobody knows. */
export async function throwAwayKey(
  { clock }: Context,
  alg: string | undefined,
  audience: 'issuer' | 'token_endpoint' | undefined,
): Promise<ClientAuthentication> {
  return privateKeyJwt({ key: await generateClientKeys({ alg }), audience, now: () => clock.now() })
}
