import { load } from '../keys/load.ts'
import type { RegistrationRequest } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { compareDeclarations } from '../record/declarations.ts'
import type { ManagedKey, ManagedKeys } from '../record/keys.ts'
import { keyAlgorithms, publicKeys, serversChoice } from '../record/keys.ts'
import type { Announced } from '../record/lease.ts'
import { Timeline } from '../record/timeline.ts'
import type { Declaration, RegistrationRecord } from '../record/record.ts'

/** What the client is to be made into. Its keys are written down before anything is sent, so that none is ever lost. */
export interface Requested {
  declaration: Declaration
  keys: ManagedKeys | undefined
}

/** The declaration and the keys to publish with it: made now where there are none, where they are old, or of another kind. */
export async function requested(
  context: Context,
  record: RegistrationRecord | undefined,
  { as, fresh = false }: { as: 'new' | 'same'; fresh?: boolean },
): Promise<Requested> {
  const { options, store, clock, declared: own, overlap } = context
  const order = record?.registration && compareDeclarations(record, own, overlap, new Timeline(clock.now()))
  // What is in force stays so with its number, where this program's declaration must not take its place.
  const theirs = order === 'same' || order === 'older' ? record?.declaration : undefined
  const declared =
    theirs === undefined ? own : { ...theirs, metadata: order === 'same' ? own.metadata : theirs.metadata }
  const isForeign = order === 'older' && record?.keys === undefined
  if (options.keys === undefined || isForeign) return { declaration: declared, keys: record?.keys }
  const { nextKeys } = await load()
  const home = store.keys
  const known = fresh && as === 'new' ? undefined : record?.keys
  const rotateAfter = fresh ? 0 : options.keys.rotateAfter
  const { alg: wish = declared.metadata.token_endpoint_auth_signing_alg ?? record?.keys?.alg } = options.keys
  const alg = algorithmFor(record, wish)
  const keys = await nextKeys(known, { ...options.keys, alg, wish, rotateAfter, home }, clock.now())
  const { coming, current, retired } = keys
  // A client that the server does not know yet needs no key that others sign with.
  const published = as === 'new' ? [coming ?? current] : [coming, current, retired]
  return { keys, declaration: { ...declared, metadata: withKeys(declared.metadata, published, record?.keys) } }
}

/** What signs: what the server chose instead of what was asked for, as long as nobody asks for something else. */
function algorithmFor(record: RegistrationRecord | undefined, wish: string | undefined): string | undefined {
  const { keys, registration } = record ?? {}
  const isSameWish = keys !== undefined && (wish === undefined || wish === keys.alg)
  return (isSameWish ? serversChoice(registration) : undefined) ?? wish
}

/**
 * The same, with a key of an algorithm that the server lists, where nobody chose one. The server's metadata are asked for
 * only when it is this starter's turn, as the registration would ask for them.
 */
export async function withListedAlgorithm(
  context: Context,
  { found: { record }, signal }: Announced,
  request: Requested,
): Promise<Requested> {
  const { keys: wish } = context.options
  const { keys, declaration } = request
  const said = wish?.alg ?? context.declared.metadata.token_endpoint_auth_signing_alg
  if (wish === undefined || said !== undefined || keys === undefined) return request
  const { token_endpoint_auth_signing_alg_values_supported: list = [] } = await context.session.discover({ signal })
  const { token_endpoint_auth_signing_alg: used = '' } = declaration.metadata
  const alg = list.includes(used) ? undefined : keyAlgorithms.find((it) => list.includes(it))
  if (alg === undefined) return request
  return requested(context, { ...record, keys: { ...keys, alg } }, { as: 'new' })
}

/** What is declared, with the keys of the manager beside those that the application has for other purposes. */
function withKeys(
  metadata: RegistrationRequest,
  published: readonly (ManagedKey | undefined)[],
  before: ManagedKeys | undefined,
): RegistrationRequest {
  const keys = published.flatMap((key) => (key === undefined ? [] : [key.publicJwk]))
  const declared = { ...metadata, token_endpoint_auth_signing_alg: keys[0]?.alg }
  // The application publishes them itself.
  if (metadata.jwks_uri) return declared
  const managed = new Set([...keys, ...(before ? publicKeys(before).keys : [])].map(({ kid }) => kid))
  const others = (metadata.jwks?.keys ?? []).filter(({ kid }) => kid === undefined || !managed.has(kid))
  return { ...declared, jwks: { keys: [...keys, ...others] } }
}
