import type { Awaitable } from '../model/values.ts'
import type { RegistrationStore } from '../store.ts'
import { exchangeCases } from './exchange-cases.ts'
import { hintCases } from './hint-cases.ts'
import { keyHomeCases } from './key-home-cases.ts'
import { valueCases } from './value-cases.ts'

/** One case of a conformance suite. */
export interface ConformanceCase {
  /** What must hold, as a sentence. */
  readonly name: string
  /** Resolves when it holds, and rejects with an `Error` that says what was found instead. */
  readonly run: () => Promise<void>
}

/** What a case works with. */
export interface Bench {
  /** A store, and whatever further instance of it a case wants. */
  make: () => Promise<RegistrationStore>
  /** A key that nobody used before. */
  newKey: () => string
}

/** A case before it is bound to a store. */
export type StoreCase = readonly [name: string, run: (bench: Bench) => Promise<void>]

/**
 * What every {@link RegistrationStore} must hold to, as cases for any test runner.
 *
 * ```ts
 * for (const { name, run } of storeConformance(() => myStore(client))) test(name, run)
 * ```
 *
 * Every case uses keys of its own and leaves what it saved under them, so the store need not be empty. If `make` returns
 * a second instance over the same data when it is called again, what two instances must hold to is tried between two;
 * otherwise within one. The hints and the home of keys are tried where the store has them. What happens when processes
 * are paused or killed is not tried here: in Node that is `storeTorture` of `@registrant/node/testing`.
 */
export function storeConformance(make: () => Awaitable<RegistrationStore>): ConformanceCase[] {
  const bench: Bench = {
    make: async () => make(),
    newKey: () => `conformance-${crypto.randomUUID()}`,
  }
  return [...exchangeCases, ...valueCases, ...hintCases, ...keyHomeCases].map(([name, run]) => ({
    name,
    run: () => run(bench),
  }))
}
