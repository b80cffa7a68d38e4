import { compareDeclarations } from './drift.ts'
import type { Aim } from './next.ts'
import type { Keeping } from './keeping.ts'
import { isDue, renew } from './renewal.ts'
import { rotate } from './rotating.ts'
import { save } from './saving.ts'
import type { Current, Step } from './step.ts'
import { drifts } from './step.ts'
import { update } from './updating.ts'
import { keysAreDue } from './wanted.ts'

export { look } from './looking.ts'

const mostRenewals = 3

/** A client in use: does it follow the declaration, and does its secret live long enough? */
export async function tend(k: Keeping, current: Current, aim: Aim, inside: boolean): Promise<Step> {
  const { found, registration } = current
  const { record } = found
  const verdict = compareDeclarations(k, record)
  const due = isDue(k, record)
  // Where nothing can be updated, the registration that renews the secret brings the declaration too.
  if (verdict === 'apply' && !(due && record.manageable === false)) return update(k, current, inside)
  if (due || (verdict === 'same' && keysAreDue(k, record))) {
    aim.renewals = (aim.renewals ?? 0) + 1
    if (aim.renewals > mostRenewals) return { registration }
    return due ? renew(k, current, inside) : rotate(k, current, inside)
  }
  if (verdict === 'older') return drifts(k, registration)
  if (verdict === 'number') {
    await save(
      k,
      {
        ...record,
        declaration: {
          ...record.declaration,
          ...k.declared,
          metadata: record.declaration?.metadata ?? k.declared.metadata,
        },
      },
      found,
    )
    return 'again'
  }
  return { registration }
}
