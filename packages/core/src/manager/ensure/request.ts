import { load } from '../keys/load.ts'
import type { RegistrationRequest } from '../../model/registration.ts'
import type { Context } from '../context.ts'
import { compareDeclarations } from '../record/declarations.ts'
import type { ManagedKey, ManagedKeys } from '../record/keys.ts'
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
  const declared = (order === 'same' || order === 'older' ? record?.declaration : undefined) ?? own
  const isForeign = order === 'older' && record?.keys === undefined
  if (options.keys === undefined || isForeign) return { declaration: declared, keys: record?.keys }
  const { nextKeys } = await load()
  const home = store.keys
  const known = fresh && as === 'new' ? undefined : record?.keys
  const rotateAfter = fresh ? 0 : options.keys.rotateAfter
  const { alg = declared.metadata.token_endpoint_auth_signing_alg } = options.keys
  const keys = await nextKeys(known, { ...options.keys, alg, rotateAfter, home }, clock.now())
  const { coming, current, retired } = keys
  // A client that the server does not know yet needs no key that others sign with.
  const published = as === 'new' ? [coming ?? current] : [coming, current, retired]
  return { keys, declaration: { ...declared, metadata: withKeys(declared.metadata, published) } }
}

function withKeys(metadata: RegistrationRequest, published: readonly (ManagedKey | undefined)[]): RegistrationRequest {
  const [first] = published.flatMap((key) => key?.publicJwk.alg ?? [])
  return {
    ...metadata,
    token_endpoint_auth_signing_alg: first,
    jwks: { keys: published.flatMap((key) => (key === undefined ? [] : [key.publicJwk])) },
  }
}
