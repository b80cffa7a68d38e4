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
 * Cases for any test runner that check what every {@link RegistrationStore} must hold to.
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
 * Every case uses keys of its own, under which it leaves its values, so the store need not be empty. If `make` returns
 * another instance over the same data when it is called again, the cases about two instances run between two; otherwise
 * within one. The hints and the home of keys are tested where the store has them. Paused or killed processes are not
 * tested here: for Node there is `storeTorture` of `@registrant/node/testing`.
 *
 * @param disturbance disturbs the connections between store and engine, such as by a proxy of the test's own; the cases about
 *   that run only where it is given
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
