import type { Edit } from './bundle.ts'

/** Counts a decision, or the meaning of a failure, where the source comes to it; in the bundle alone. */
const tap = (what: string, file: string, find: string): Edit => ({
  file: `packages/core/src/manager/${file}`,
  find,
  replace: `simulationSaw(${JSON.stringify(what)}, ${find})`,
})

export const taps: readonly Edit[] = [
  tap('action', 'ensure/decide.ts', '{ ...act(record, situation, time), until: time.next }'),
  tap('register', 'ensure/compensate.ts', 'meaningOfRegistration(error)'),
  tap('update', 'maintain/look.ts', 'meaningOfUpdate(failure)'),
  tap('look', 'maintain/look.ts', 'meaningOf(error)'),
  tap('look shows', 'maintain/look.ts', 'seenOf(error)'),
  tap('delete', 'maintain/confirm-deletion.ts', 'meaningOfDeletion(error)'),
  tap('delete a replaced one', 'maintain/sweep.ts', 'meaningOfDeletion(error)'),
  tap('token endpoint', 'maintain/token-question.ts', 'witnessOf(said, lastControl, hasCodeGrant(record))'),
]

const saw = new Map<string, number>()

/** Notes what a tap has seen, and hands it on. */
export function simulationSaw<T>(what: string, seen: T): T {
  const name = `${what}: ${typeof seen === 'string' ? seen : actionOf(Object(seen))}`
  saw.set(name, (saw.get(name) ?? 0) + 1)
  return seen
}

/** What was seen since the last call. */
export function takeSeen(): Record<string, number> {
  const taken = Object.fromEntries(saw)
  saw.clear()
  return taken
}

function actionOf(action: Record<string, unknown>): string {
  const { because, why, drift, after, route } = action
  const more = [because, why, drift, after === undefined ? route : 'after an answer that was lost']
  return [action['do'], ...more].filter((it) => typeof it === 'string').join(', ')
}
