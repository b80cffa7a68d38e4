import type { Context, Step, Work } from '../context.ts'
import type { Decision } from '../ensure/actions.ts'
import { register } from '../ensure/register.ts'
import { betweenNotes } from '../record/layout.ts'
import type { Current, Found, RegistrationRecord } from '../record/record.ts'
import { settled } from '../record/transitions.ts'
import { missing } from '../errors.ts'
import { look } from './look.ts'
import { reconcile, update } from './update.ts'
import { renew, rotateKeys } from './renew.ts'

/** Carries out what a record with a client in use calls for. */
export async function maintain(context: Context, found: Found, action: Decision, work: Work): Promise<Step> {
  const { registration } = found.record
  const current = registration && { found, registration }
  switch (action.do) {
    case 'settle':
      return action.isOpen ? saved(context, withoutLease(found.record), found) : settle(context, found)
    case 'renumber':
      return saved(context, renumbered(context, found.record), found)
    case 'note':
      context.memory.notedUntil = context.clock.monotonic() + betweenNotes(context.overlap)
      return saved(context, { ...found.record, inForceSeen: context.clock.now() }, found)
    default:
      if (current === undefined) throw missing()
      return withClient(context, current, action, work)
  }
}

async function withClient(context: Context, current: Current, action: Decision, work: Work): Promise<Step> {
  switch (action.do) {
    case 'replace':
      return register(context, current.found, { ...work, operation: 'replace', because: action.because })
    case 'update':
    case 'publish-keys':
      return update(context, current, action.do, work)
    case 'rotate-keys':
      return rotateKeys(context, current, work)
    case 'renew':
      return renew(context, current, work)
    case 'look':
      return action.after ? reconcile(context, current, action.after, work) : look(context, current, work)
    default:
      throw missing()
  }
}

/** Takes out an intent about which nothing can be asked or done: the record goes back to what is known. */
async function settle(context: Context, found: Found): Promise<Step> {
  const { record, orphan } = settled(context.moment(), found.record)
  if (await context.records.save(record, found)) context.tellOrphans([orphan])
  return 'again'
}

const withoutLease = (record: RegistrationRecord): RegistrationRecord => ({
  ...record,
  intent: record.intent && { ...record.intent, lease: 0 },
})

function renumbered({ declared }: Context, record: RegistrationRecord): RegistrationRecord {
  const metadata = record.declaration?.metadata ?? declared.metadata
  return { ...record, declaration: { ...record.declaration, ...declared, metadata } }
}

async function saved(context: Context, next: RegistrationRecord, found: Found): Promise<Step> {
  await context.records.save(next, found)
  return 'again'
}
