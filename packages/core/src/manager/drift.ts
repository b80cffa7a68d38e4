import type { Keeping } from './keeping.ts'
import type { RegistrationRecord } from './record.ts'

/**
 * What this program's declaration means for the record. `same`: nothing. `number`: the same metadata under a higher
 * generation. `apply`: the client is to be changed. `older`: a newer declaration stands, and this one waits or yields.
 */
export function compareDeclarations(k: Keeping, record: RegistrationRecord): 'same' | 'number' | 'apply' | 'older' {
  const { hash, generation } = k.declared
  const theirs = record.declaration
  const order = (generation ?? -Infinity) - (theirs?.generation ?? -Infinity)
  if (theirs?.hash === hash) return order > 0 ? 'number' : 'same'
  if (order > 0) return 'apply'
  if (order < 0) return 'older'
  return supersededFor(k, record) > 0 ? 'older' : 'apply'
}

/** Milliseconds for which this program's declaration, once superseded, is not applied again. */
export function supersededFor(k: Keeping, record: RegistrationRecord): number {
  const at = record.superseded?.find(({ hash }) => hash === k.declared.hash)?.at
  if (at === undefined) return 0
  const ago = Math.abs(k.clock.now(record) - at)
  return k.overlap - ago
}
