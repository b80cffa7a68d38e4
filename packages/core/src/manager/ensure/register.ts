import { RegistrationError } from '../../errors.ts'
import type { Context, Step, Work } from '../context.ts'
import { goOnWith } from '../context.ts'
import type { Plan } from '../record/lease.ts'
import { LeaseLost } from '../record/lease.ts'
import type { Found } from '../record/record.ts'
import { storableAnswer } from './answers.ts'
import { recordFailure } from './compensate.ts'
import { requested, requireRoom, withListedAlgorithm } from './request.ts'
import { outlives } from './outcomes.ts'
import type { Made } from './adopt.ts'
import { adopt } from './adopt.ts'

/** A registration, and why the client in use is replaced, where there is one. */
export interface Registering extends Work {
  operation: 'register' | 'replace'
  because?: Made['because']
}

/**
 * Registers a client: the intent, the request, the record - in this order. If that fails, a client that works stays in use,
 * unless its secret has ended, or the declaration is wrong, which must be seen.
 */
export async function register(context: Context, found: Found | undefined, registering: Registering): Promise<Step> {
  try {
    return await registerAnew(context, found, registering)
  } catch (error) {
    if (found === undefined || !(error instanceof RegistrationError)) throw error
    const { record } = found
    const { registration } = record
    const { because, goal } = registering
    const at = { because, goal: goal.goal, hash: context.declared.hash, now: context.clock.now() }
    if (registration === undefined || !outlives(record, error, at)) throw error
    const step = goOnWith(context, registration, error)
    if (step !== 'again')
      context.tellDrift(record, error.code, error.message, because === 'renew' ? 'renewal-failed' : 'drift')
    return step
  }
}

async function registerAnew(context: Context, found: Found | undefined, registering: Registering): Promise<Step> {
  const { goal, operation, because } = registering
  const isFresh = because === 'key-lost' || because === 'rotate' || because === 'credentials'
  const wanted = await requested(context, found?.record, { as: 'new', fresh: isFresh })
  const plan: Plan = { operation, inside: registering.inside, signal: registering.signal, keys: wanted.keys }
  const announced = await context.leases.announce(found, plan)
  if (announced === undefined) return 'again'
  const { registration: inUse, declaration: before } = announced.found.record
  const asked = goal.goal === 'rotate' && !goal.isDone ? true : undefined
  let made: Made
  try {
    const { declaration, keys } = await withListedAlgorithm(context, announced, wanted)
    requireRoom(declaration)
    const answered = await context.session.register(declaration.metadata, {
      signal: registering.signal,
      inUse,
      hasOwnKeys: keys !== undefined && context.declared.metadata.jwks === undefined,
      beforeSend: () => context.leases.noteSending(announced, { asked, keys, declaration }),
    })
    const current = inUse?.client_id === answered.value.client_id ? inUse : undefined
    const how = { operation: 'register', current, declared: declaration.metadata, before: before?.metadata } as const
    const stored = storableAnswer(context, answered, how)
    made = { date: answered.date, answered: answered.value, stored, declaration, because }
  } catch (error) {
    if (error instanceof LeaseLost) return 'again'
    return recordFailure(context, announced, error)
  }
  return adopt(context, announced, made, goal)
}
