import { expect, test } from 'vitest'

import { fuzz } from '../../endurance/fuzz.ts'

test(
  '50,000 answers break nothing, change no prototype, show no secret and lose no client',
  { timeout: 120_000 },
  () => {
    const { answers, seconds, seed } = fuzz({ answers: 50_000 })
    console.log(`fuzz: ${answers} answers in ${seconds} s, REGISTRANT_SEED=${seed}`)
    expect(answers).toBe(50_000)
  },
)
