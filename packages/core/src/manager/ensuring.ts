import { StateError } from '../errors.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { exclusively } from './exclusive.ts'
import { good } from './good.ts'
import { load } from './home.ts'
import { mayAct } from './intent.ts'
import type { Keeping } from './keeping.ts'
import type { Found } from './record.ts'
import { registerAnew } from './registering.ts'
import { Waiting } from './waiting.ts'

/** What one look at the record comes to: a registration, somebody to wait for, or a reason to look again. */
export type Step = { registration: RegistrationResponse } | { wait: Found } | 'again'

/** Looks at the record and does what it calls for, until there is a registration. `left` aborts when nobody waits for it. */
export async function ensuring(k: Keeping, left: AbortSignal): Promise<RegistrationResponse> {
  const waiting = new Waiting(k)
  for (;;) {
    left.throwIfAborted()
    const step = await enter(k, waiting, left)
    if (step === 'again') continue
    if ('registration' in step) return step.registration
    await waiting.pause(step.wait, left)
  }
}

/** Takes the next step, inside the store's `exclusive` where it has one: to get in is to know that a holder is gone. */
async function enter(k: Keeping, waiting: Waiting, left: AbortSignal): Promise<Step> {
  if (k.store.exclusive === undefined) return next(k, false)
  const found = await load(k)
  const registration = found && good(found.record, k.declared)
  if (registration) return { registration }
  const entry = new AbortController()
  const patience = found && !mayAct(k, found, false) ? k.observed.left(found) : k.lease
  const timer = setTimeout(() => entry.abort(), patience)
  const ticker = setInterval(() => found && waiting.tell(found), 1000)
  const settle = (): void => {
    clearTimeout(timer)
    clearInterval(ticker)
  }
  try {
    return await exclusively(
      k,
      (inside) => {
        settle()
        left.throwIfAborted()
        return next(k, inside)
      },
      AbortSignal.any([entry.signal, left]),
    )
  } finally {
    settle()
  }
}

async function next(k: Keeping, inside: boolean): Promise<Step> {
  const found = await load(k)
  if (found === undefined && k.options.expectExisting === true) throw missing()
  if (found !== undefined && !mayAct(k, found, inside)) return { wait: found }
  switch (found?.record.state) {
    case 'deleting':
    case 'deleted':
      throw new StateError('deleted', 'This registration was deleted on purpose. forget() starts over.')
    case undefined:
    case 'absent':
    case 'registering':
      return done(await registerAnew(k, found, { operation: 'register', state: 'registering', inside }))
    default:
      return done(found?.record.registration)
  }
}

const done = (registration: RegistrationResponse | undefined): Step => (registration ? { registration } : 'again')

const missing = (): StateError =>
  new StateError(
    'missing',
    'A registration was expected and the store holds none, so nothing was registered. Restore the store, recover() the client, or drop expectExisting.',
  )
