import type { RegistrationResponse } from '../model/registration.ts'
import { ifSoon } from './if-soon.ts'
import { load as late } from '../load.ts'
import { platform } from '../platform.ts'
import { exclusively } from './exclusive.ts'
import { good } from './good.ts'
import { load } from './home.ts'
import { mayAct } from './intent.ts'
import type { Keeping } from './keeping.ts'
import { next } from './next.ts'
import type { Aim } from './next.ts'
import { longest } from './sleep.ts'
import type { Step } from './step.ts'
import type { Waiting } from './waiting.ts'

/** Looks at the record and does what it calls for, until there is a registration. `left` aborts when nobody waits for it. */
export async function ensuring(k: Keeping, left: AbortSignal, aim: Aim = {}): Promise<RegistrationResponse> {
  let waiting: Promise<Waiting> | undefined
  const wait = (): Promise<Waiting> => (waiting ??= late(import('./waiting.ts')).then((it) => new it.Waiting(k)))
  const answers = k.conversation.answers
  for (;;) {
    left.throwIfAborted()
    const step = await enter(k, wait, left, aim)
    if (step === 'again') continue
    if ('wait' in step) {
      await (await wait()).pause(step.wait, left)
      continue
    }
    // The server has just answered, so this costs a start nothing that it did not already depend on.
    if (k.conversation.answers > answers) await retireReplaced(k)
    return step.registration
  }
}

/** Deletes clients that were replaced long enough ago, where there are any. Never a reason to fail. */
async function retireReplaced(k: Keeping): Promise<void> {
  const found = await load(k).catch(() => undefined)
  if (!found?.record.previous?.length) return
  const retiring = await ifSoon(import('./retiring.ts'))
  await retiring?.retire(k).catch(() => undefined)
}

/** Takes the next step, inside the store's `exclusive` where it has one: to get in is to know that a holder is gone. */
async function enter(k: Keeping, wait: () => Promise<Waiting>, left: AbortSignal, aim: Aim): Promise<Step> {
  if (k.store.exclusive === undefined) return next(k, aim, false)
  const found = await load(k)
  const registration = found && good(found.record, k)
  if (registration) return { registration }
  const other = found && !mayAct(k, found, false) ? found : undefined
  const waiting = other && (await wait())
  const entry = new AbortController()
  const patience = other ? k.observed.left(other) : k.lease
  const cancel = platform.after(Math.min(patience, longest), () => entry.abort())
  let stop = (): void => undefined
  const tick = (): void => {
    if (other) waiting?.tell(other)
    stop = platform.after(1000, tick)
  }
  if (other) tick()
  const settle = (): void => {
    cancel()
    stop()
  }
  const task = (inside: boolean): Promise<Step> => {
    settle()
    left.throwIfAborted()
    return next(k, aim, inside)
  }
  return exclusively(k, task, AbortSignal.any([entry.signal, left])).finally(settle)
}
