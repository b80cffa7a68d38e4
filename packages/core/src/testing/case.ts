import type { Awaitable } from '../model/values.ts'
import type { RegistrationStore } from '../store.ts'

/** One case of a conformance suite. */
export interface ConformanceCase {
  /** What must hold, as a sentence. */
  readonly name: string
  /** Resolves when it holds, and rejects with an `Error` that says what was found instead. */
  readonly run: () => Promise<void>
}

/** What can be done to the way between the stores of a suite and their engine. */
export interface StoreDisturbance {
  /** Cuts every connection, in whatever it is doing; others can be made at once. */
  cut?: () => Awaitable<void>
  /** From now on each answer of the engine comes so many milliseconds late; 0 ends that. */
  delay?: (ms: number) => Awaitable<void>
}

/** What a case works with. */
export interface Bench {
  disturbance: StoreDisturbance
  /** A store, and whatever further instance of it a case wants. */
  make: () => Promise<RegistrationStore>
  /** A key that nobody used before. */
  newKey: () => string
}

/** A case before it is bound to a store. */
export type StoreCase = readonly [name: string, run: (bench: Bench) => Promise<void>]

/** Throws, so that any test runner takes it for a failure. */
export function ensureThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

/** The same as JSON says; what differs is shown, cut off where it is long. */
export function ensureSame(found: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(found) ?? 'undefined', JSON.stringify(expected) ?? 'undefined']
  ensureThat(is === should, `${what}: expected ${short(should)}, found ${short(is)}`)
}

/** What a call fails with; that it succeeds is a failure. */
export async function failureOf(call: Promise<unknown>, otherwise: string): Promise<unknown> {
  const outcome = await call.then(
    () => ({ failed: false, error: undefined }),
    (error: unknown) => ({ failed: true, error }),
  )
  ensureThat(outcome.failed, otherwise)
  return outcome.error
}

/** What it resolves to, unless that takes longer than anything local should. */
export async function soon<T>(call: Promise<T>, what: string, ms = 10_000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    return await Promise.race([
      call,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what}: nothing happened in ${ms} ms`)), ms)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}

/** Lets that much time pass. */
export const letPass = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

const short = (text: string): string =>
  text.length <= 200 ? text : `${text.slice(0, 200)}… (${text.length} characters)`
