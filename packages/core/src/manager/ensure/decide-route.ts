import type { RegistrationResponse } from '../../model/registration.ts'
import { compareDeclarations, isNoteDue } from '../record/declarations.ts'
import type { RegistrationRecord } from '../record/record.ts'
import type { Timeline } from '../record/timeline.ts'
import type { Action, Situation } from './actions.ts'

// The rows of `decide` for programs that could be another client than one that they register.

/** The way to a client, where there is none, or another one than this. */
export function routeTo(chosen: Situation['chosen']): Action {
  if (chosen === undefined || chosen === 'dynamic') return { do: 'register' }
  if (chosen === 'unknown') return { do: 'choose' }
  return chosen === 'ask' ? { do: 'stop', why: 'ask' } : { do: 'adopt', route: chosen }
}

/** The way to another client than the registered one that is in use, where that is preferred. */
export function otherRoute(record: RegistrationRecord, s: Situation, time: Timeline): Action | undefined {
  const { chosen = 'dynamic', declared, overlap } = s
  const isOther = chosen !== 'dynamic' && compareDeclarations(record, declared, overlap, time) !== 'older'
  return isOther ? routeTo(chosen) : undefined
}

/** What a client calls for that nobody registered here: nothing can be asked about it, or done to it, at the server. */
export function tendUnregistered(
  record: RegistrationRecord,
  registration: RegistrationResponse,
  s: Situation,
  time: Timeline,
): Action {
  const order = compareDeclarations(record, s.declared, s.overlap, time)
  if (order === 'older') return { do: 'use', registration, drift: 'superseded' }
  const { chosen = 'dynamic' } = s
  if (chosen === 'dynamic') return { do: 'replace', because: 'route' }
  if (chosen !== record.route || order === 'apply') return routeTo(chosen)
  if (s.goal !== 'ensure' && !s.isDone) return { do: 'stop', why: 'unregistered' }
  if (order === 'number') return { do: 'renumber' }
  if (!s.hasNoted && isNoteDue(record, s.declared, s.overlap, time)) return { do: 'note' }
  time.binds(record.offers)
  return { do: 'use', registration }
}
