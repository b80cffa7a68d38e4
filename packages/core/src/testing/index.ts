import type { Awaitable } from '../model/values.ts'
import type { RegistrationStore } from '../store.ts'
import type { Bench, ConformanceCase } from './case.ts'
import { engineCases } from './engine-cases.ts'
import { exchangeCases } from './exchange-cases.ts'
import { hintCases } from './hint-cases.ts'
import { keyHomeCases } from './key-home-cases.ts'
import { valueCases } from './value-cases.ts'

export { profileConformance } from './profile-conformance.ts'
export type { ServerAnswer, ServerBehaviour } from './server-behaviour.ts'
export type { ConformanceCase } from './case.ts'

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
 */
export function storeConformance(make: () => Awaitable<RegistrationStore>): ConformanceCase[] {
  const bench: Bench = {
    make: async () => make(),
    newKey: () => `conformance-${crypto.randomUUID()}`,
  }
  return [...exchangeCases, ...valueCases, ...hintCases, ...engineCases, ...keyHomeCases].map(([name, run]) => ({
    name,
    run: () => run(bench),
  }))
}
