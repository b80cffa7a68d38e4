import type { Awaitable } from '../model/values.ts'
import type { RegistrationStore } from '../store.ts'
import type { Bench, ConformanceCase, StoreDisturbance } from './case.ts'
import { engineCases, keyHomeCases } from './optional-cases.ts'
import { exchangeCases } from './exchange-cases.ts'
import { faultCases } from './fault-cases.ts'
import { hintCases } from './hint-cases.ts'
import { valueCases } from './value-cases.ts'

export type { ConformanceCase, StoreDisturbance } from './case.ts'

/**
 * What every {@link RegistrationStore} must hold to, as cases for any test runner.
 *
 * @example
 * ```ts
 * import { test } from 'node:test'
 *
 * import { memoryStore } from '@registrant/core'
 * import { storeConformance } from '@registrant/core/testing'
 *
 * for (const { name, run } of storeConformance(() => memoryStore())) test(name, run)
 * ```
 *
 * Every case uses keys of its own and leaves what it saved under them, so the store need not be empty. If `make` returns
 * a second instance over the same data when it is called again, what two instances must hold to is tried between two;
 * otherwise within one. The hints and the home of keys are tried where the store has them. What happens when processes
 * are paused or killed is not tried here: in Node that is `storeTorture` of `@registrant/node/testing`.
 *
 * @param disturbance what can be done to the way between store and engine, such as a proxy of a test's own; what a store must hold
 *   to then is tried where it is given
 */
export function storeConformance(
  make: () => Awaitable<RegistrationStore>,
  disturbance: StoreDisturbance = {},
): ConformanceCase[] {
  const bench: Bench = {
    make: async () => make(),
    disturbance,
    newKey: () => `conformance-${crypto.randomUUID()}`,
  }
  return [...exchangeCases, ...valueCases, ...hintCases, ...engineCases, ...faultCases, ...keyHomeCases].map(
    ([name, run]) => ({
      name,
      run: () => run(bench),
    }),
  )
}
