import type { Awaitable } from '../model/values.ts'
import type { RegistrationStore } from '../store.ts'

/** One case of a conformance suite. */
export interface ConformanceCase {
  /** What must hold of the store, as a sentence. */
  readonly name: string
  /** Resolves when that holds, and rejects with an `Error` that says what was found instead. */
  readonly run: () => Promise<void>
}

/** What a suite can do to the connections between its stores and their engine. */
export interface StoreDisturbance {
  /** Cuts every connection, whatever it is doing; new ones can be made at once. */
  cut?: () => Awaitable<void>
  /** Delays each answer of the engine by so many milliseconds from now on; 0 ends that. */
  delay?: (ms: number) => Awaitable<void>
}

/** What a case works with. */
export interface Bench {
  disturbance: StoreDisturbance
  /** Makes a store, and with each further call another instance of it. */
  make: () => Promise<RegistrationStore>
  /** Makes a key that was not used before. */
  newKey: () => string
}

/** A case before it is bound to a store. */
export type StoreCase = readonly [name: string, run: (bench: Bench) => Promise<void>]

/** Throws where a condition does not hold, which any test runner takes for a failure. */
export function ensureThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

/** Throws where two values differ as JSON; the error shows both, cut off where they are long. */
export function ensureSame(found: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(found) ?? 'undefined', JSON.stringify(expected) ?? 'undefined']
  ensureThat(is === should, `${what}: expected ${short(should)}, found ${short(is)}`)
}

/** The error that a call fails with; throws where the call succeeds. */
export async function failureOf(call: Promise<unknown>, otherwise: string): Promise<unknown> {
  const outcome = await call.then(
    () => ({ failed: false, error: undefined }),
    (error: unknown) => ({ failed: true, error }),
  )
  ensureThat(outcome.failed, otherwise)
  return outcome.error
}

/** The result of a call; throws where that takes longer than any local call should. */
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

/** Waits for so many milliseconds. */
export const letPass = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

const short = (text: string): string =>
  text.length <= 200 ? text : `${text.slice(0, 200)}… (${text.length} characters)`
