import { expect, test } from 'vitest'

import { fuzzCalls } from '../endurance/calls.ts'

// Endurance makes a hundred thousand.
test(
  'calls with nonsense throw nothing but a RegistrationError: options, metadata, functions that throw or hang',
  { timeout: 60_000 },
  async () => {
    const { calls, thrown, seed } = await fuzzCalls({ calls: 5000, within: 5000 })
    console.log(`${calls} calls, REGISTRANT_SEED=${seed}`)
    expect(thrown).toBeGreaterThan(calls / 10)
  },
)
