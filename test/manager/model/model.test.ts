import { expect, test } from 'vitest'

import { model } from '../../endurance/model.ts'

// A change is judged by the same sequences as the one before; the long run makes up new ones.
const given = process.env['REGISTRANT_SEED']

test('250 sequences of calls, faults and deaths keep every promise', { timeout: 120_000 }, async () => {
  const { sequences, commands, seconds, seed } = await model({
    sequences: 250,
    seed: given === undefined ? 1 : Number(given),
  })
  console.log(`model: ${sequences} sequences of ${commands} commands in ${seconds} s, REGISTRANT_SEED=${seed}`)
  expect(sequences).toBe(250)
})
