import { expect, test } from 'vitest'

import { fuzz } from '../../endurance/fuzz.ts'

// Endurance plays a million.
test(
  '5,000 answers break nothing, change no prototype, show no secret and lose no client',
  { timeout: 240_000 },
  () => {
    const { answers, seconds, seed } = fuzz({ answers: 5000 })
    console.log(`fuzz: ${answers} answers in ${seconds} s, REGISTRANT_SEED=${seed}`)
    expect(answers).toBe(5000)
  },
)
