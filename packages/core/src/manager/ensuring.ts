import type { RegistrationResponse } from '../model/registration.ts'
import { exclusively } from './exclusive.ts'
import { good } from './good.ts'
import { load } from './home.ts'
import { mayAct } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { next } from './next.ts'
import type { Aim } from './next.ts'
import { retire } from './retiring.ts'
import { longest } from './sleep.ts'
import type { Step } from './step.ts'
import { Waiting } from './waiting.ts'

/** Looks at the record and does what it calls for, until there is a registration. `left` aborts when nobody waits for it. */
export async function ensuring(k: Keeping, left: AbortSignal, aim: Aim = {}): Promise<RegistrationResponse> {
  const waiting = new Waiting(k)
  const answers = k.memory.answers
  for (;;) {
    left.throwIfAborted()
    const step = await enter(k, waiting, left, aim)
    if (step === 'again') continue
    if ('wait' in step) {
      await waiting.pause(step.wait, left)
      continue
    }
    // The server has just answered, so this costs a start nothing that it did not already depend on.
    if (k.memory.answers > answers) await retire(k)
    return step.registration
  }
}

/** Takes the next step, inside the store's `exclusive` where it has one: to get in is to know that a holder is gone. */
async function enter(k: Keeping, waiting: Waiting, left: AbortSignal, aim: Aim): Promise<Step> {
  if (k.store.exclusive === undefined) return next(k, aim, false)
  const found = await load(k)
  const registration = found && good(found.record, k)
  if (registration) return { registration }
  const entry = new AbortController()
  const patience = found && !mayAct(k, found, false) ? k.observed.left(found) : k.lease
  const timer = setTimeout(() => entry.abort(), Math.min(patience, longest))
  const ticker = setInterval(() => found && waiting.tell(found), 1000)
  const settle = (): void => {
    clearTimeout(timer)
    clearInterval(ticker)
  }
  const task = (inside: boolean): Promise<Step> => {
    settle()
    left.throwIfAborted()
    return next(k, aim, inside)
  }
  return exclusively(k, task, AbortSignal.any([entry.signal, left])).finally(settle)
}
