import { expect, test } from 'vitest'

import { killedStarts } from '../endurance/keys.ts'

test('a start that is killed leaves a client that is good for nothing without the key, and the next start gets its own', async () => {
  const deaths = ['before the request', 'before the answer', 'before the answer', 20] as const
  const { kills, inert } = await killedStarts(deaths)
  expect(kills).toBe(4)
  expect(inert).toBeGreaterThanOrEqual(2)
}, 120_000)
