import { refuseOptions } from '../../client/options.ts'
import { load } from '../keys/load.ts'
import type { Requested } from '../keys/request-keys.ts'
import type { Context } from '../context.ts'
import { isTooLarge } from '../record/clients.ts'
import { compareDeclarations, supersede } from '../record/declarations.ts'
import type { Announced } from '../record/lease.ts'
import { Timeline } from '../record/timeline.ts'
import type { Declaration, RegistrationRecord } from '../record/record.ts'

/** The declaration, and the keys to publish with it where the manager keeps some. */
export async function requested(
  context: Context,
  record: RegistrationRecord | undefined,
  how: { as: 'new' | 'same'; fresh?: boolean },
): Promise<Requested> {
  const { options, clock, declared: own, overlap } = context
  const order = record?.registration && compareDeclarations(record, own, overlap, new Timeline(clock.now()))
  // The declaration in force keeps its generation, where this program's declaration must not take its place.
  const theirs = order === 'same' || order === 'older' ? record?.declaration : undefined
  const declared =
    theirs === undefined ? own : { ...theirs, metadata: order === 'same' ? own.metadata : theirs.metadata }
  const isForeign = order === 'older' && record?.keys === undefined
  if (options.keys === undefined || isForeign) return { declaration: declared, keys: record?.keys }
  return (await load()).withManagedKeys(context, record, declared, how)
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
  const { keys } = request
  if (context.options.keys === undefined || keys === undefined) return request
  const alg = await (await load()).listedAlgorithm(context, request, signal)
  return alg === undefined ? request : requested(context, { ...record, keys: { ...keys, alg } }, { as: 'new' })
}

/** @throws {InvalidRequestError} a client that is registered by this could not be kept */
export const requireRoom = ({ metadata }: Declaration): void =>
  refuseOptions(isTooLarge(metadata) ? [['metadata', 'More than 32 kB can not be kept']] : [])

const returned = {
  type: 'warning',
  rule: 'declaration-returned',
  message:
    'A superseded declaration was applied again, since the one in force had been silent. Number declarations by the option generation if that was not meant.',
} as const

/** Tells that a superseded declaration is in force again. */
export function tellReturn({ tell, clock }: Context, before: RegistrationRecord, declaration: Declaration): void {
  const isMeant = declaration.generation !== undefined
  if (!isMeant && supersede(before, declaration, clock.now()).isReturn) tell(returned)
}
