import { AsyncLocalStorage } from 'node:async_hooks'
import { fileURLToPath } from 'node:url'

import { RegistrationClient, RegistrationError, RegistrationManager } from '@registrant/core'

import { Fuzzer } from './nonsense.ts'

// Calls as no compiler lets them through: options, metadata, profiles and functions of the caller's own that are nonsense,
// throw, hang or return nonsense. Whatever comes of one, nothing but a RegistrationError is thrown, and no promise is rejected
// that nobody looks at.

/** What many calls came to; that it returns at all says that none threw anything else. */
export interface CallFigures {
  calls: number
  /** How many of them threw. */
  thrown: number
  /** By verb, how many had not ended after 20 seconds, as where a store of their own says of each save that it is late. */
  late: Record<string, number>
  seconds: number
  /** Brings the run back, as `REGISTRANT_SEED`. */
  seed: number
}

/** Milliseconds for whoever watches, and for a call that has to end by them. */
const patience = 1000
const longest = 20_000

/** The seed of the call that something belongs to, however late it happens. */
const running = new AsyncLocalStorage<number>()

const verbs = {
  client: ['discover', 'register', 'read', 'update', 'delete'],
  manager: 'ensure status read rotate reportRejected authentication recover delete forget sweep close watch'.split(' '),
}

/** What is called, and how. */
function chosen(fuzzer: Fuzzer): { name: string; make: () => Promise<unknown> } {
  const kind = fuzzer.often(0.5) ? 'client' : 'manager'
  const Class: unknown = kind === 'client' ? RegistrationClient : RegistrationManager
  const options = fuzzer.often(0.03) ? fuzzer.nonsense() : fuzzer.options()
  const verb = fuzzer.pick(verbs[kind]) ?? 'close'
  const given = fuzzer.given()
  const make = async (): Promise<unknown> => {
    const on: unknown = Reflect.construct(Object(Class), [options])
    const method: unknown = Reflect.get(Object(on), verb)
    const called: unknown = Reflect.apply(Object(method), on, given)
    return verb === 'watch' ? first(Object(called)) : called
  }
  return { name: `${kind}.${verb}`, make }
}

/** The first registration that is seen; whoever watches waits for one without an end, so this one goes after a moment. */
async function first(watching: AsyncGenerator): Promise<unknown> {
  const timer = setTimeout(() => void watching.return(undefined), patience)
  try {
    return await watching.next()
  } finally {
    clearTimeout(timer)
    await watching.return(undefined)
  }
}

/** One call, and what it threw. */
async function callOnce({ name, make }: ReturnType<typeof chosen>): Promise<unknown> {
  try {
    await make()
    return undefined
  } catch (error) {
    if (error instanceof RegistrationError) return error
    throw new Error(`${name}() threw what is none of ours: ${String(Object(error).stack ?? error)}`, { cause: error })
  }
}

const again = (seed: number | undefined): string => `REGISTRANT_SEED=${seed} brings it back as the first`

/** Makes that many calls, some side by side; throws at the first that throws what it may not. */
export async function fuzzCalls({
  calls,
  within = Infinity,
}: {
  calls: number
  within?: number
}): Promise<CallFigures> {
  const seed = Number(process.env['REGISTRANT_SEED'] ?? Date.now() % 2 ** 30)
  const started = performance.now()
  let made = 0
  let thrown = 0
  const late: CallFigures['late'] = {}
  const forgotten: Error[] = []
  const forget = (cause: unknown): void =>
    void forgotten.push(new Error(`A rejection that nobody looks at: ${again(running.getStore())}`, { cause }))
  const line = async (): Promise<void> => {
    while (made < calls && performance.now() - started < within && forgotten.length === 0) {
      const number = made++
      const call = chosen(new Fuzzer(seed + number))
      let timer: NodeJS.Timeout | undefined
      const over = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => {
          late[call.name] = (late[call.name] ?? 0) + 1
          resolve(undefined)
        }, longest)
      })
      const outcome = running.run(seed + number, () => callOnce(call))
      const error = await Promise.race([outcome, over]).catch((cause: unknown) => {
        throw new Error(`Call ${number}: ${again(seed + number)}`, { cause })
      })
      clearTimeout(timer)
      if (error !== undefined) thrown++
    }
  }
  process.on('unhandledRejection', forget)
  try {
    await Promise.all(Array.from({ length: 64 }, line))
  } finally {
    process.off('unhandledRejection', forget)
  }
  if (forgotten[0]) throw forgotten[0]
  return { calls: made, thrown, late, seconds: Math.round((performance.now() - started) / 100) / 10, seed }
}

// Started as a program it is the longer run.
if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(await fuzzCalls({ calls: Number(process.argv[2] ?? 100_000) }))
