import { describe, expect, test } from 'vitest'

import { forgotten } from '../endurance/forgotten.ts'
import { herd } from '../endurance/herd.ts'
import { kill } from '../endurance/kill.ts'
import { pause } from '../endurance/pause.ts'
import { faketime, skew } from '../endurance/skew.ts'

// Real processes, a real server, real files; `npm run test:endurance` has the larger numbers.
describe('services that share a folder', { timeout: 240_000 }, () => {
  test('fifty that start at once make one client with one discovery, one token and one registration', async () => {
    expect(await herd({ processes: 50 })).toEqual({
      processes: 50,
      clients: 1,
      agree: 50,
      discoveries: 1,
      tokens: 1,
      registrations: 1,
    })
  })

  test('a hundred that are killed at a random moment leave at most one extra client each, and none without an intent', async () => {
    const figures = await kill({ kills: 100 })
    expect(figures).toMatchObject({ kills: 100, recovered: 100, worse: 0, unaccounted: 0 })
    // Too few kills after the end would mean that the last moments before it were not covered.
    expect(figures.late).toBeGreaterThanOrEqual(10)
  })

  test('six holders that are stopped beyond their lease end up with the client of those who took over', async () => {
    expect(await pause({ rounds: 6, width: 6 })).toEqual({ rounds: 6, agree: 6, lost: 0 })
  })

  test.runIf(faketime)('sixteen, half of them with a clock that is three hours off, make one client', async () => {
    expect(await skew({ rounds: 1, processes: 16 })).toEqual({ rounds: 1, one: 1 })
  })

  test('fifty whose client the server has forgotten register once, and not at all while that is in doubt', async () => {
    expect(await forgotten({ processes: 50, failing: 10 })).toEqual({
      processes: 50,
      agree: 50,
      whileFailing: 0,
      whileInDoubt: 0,
      again: 1,
    })
  })
})
