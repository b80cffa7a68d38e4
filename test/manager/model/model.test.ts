import { expect, test } from 'vitest'

import { model } from '../../endurance/model.ts'

test('250 sequences of calls, faults and deaths keep every promise', { timeout: 120_000 }, async () => {
  const { sequences, commands, seconds, seed } = await model({ sequences: 250 })
  console.log(`model: ${sequences} sequences of ${commands} commands in ${seconds} s, REGISTRANT_SEED=${seed}`)
  expect(sequences).toBe(250)
})
