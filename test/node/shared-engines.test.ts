import { describe, expect, test } from 'vitest'

import { announced } from '../endurance/announced.ts'
import { engineFaults } from '../endurance/engine-faults.ts'
import { failover } from '../endurance/failover.ts'
import { herd } from '../endurance/herd.ts'
import { choiceOf, clientsOf, startEngine } from '../engines/choices.ts'
import { hasPostgres } from '../engines/postgres.ts'
import { hasRedis } from '../engines/redis.ts'

// Real processes, a real authorization server, real engines; `npm run test:endurance -- engines` has the larger numbers.
describe.for([
  { name: 'postgres', isHere: hasPostgres },
  { name: 'redis', isHere: hasRedis },
] as const)('services that share $name', { timeout: 240_000 }, ({ name, isHere }) => {
  test.runIf(isHere)('ten that start at once make one client, whichever library they use', async () => {
    await using engine = await startEngine(name)
    const clients = clientsOf[name]
    expect(clients).toHaveLength(2)
    for (const turn of clients.keys()) {
      const processes = turn === 0 ? 10 : 5
      const figures = await herd({ processes, engine: choiceOf(name, engine.url, turn) })
      expect(figures).toMatchObject({ clients: 1, agree: processes, registrations: 1 })
    }
  })

  test.runIf(isHere)(
    'a cut between commit and reply, and an engine that is killed, leave one client and lose no save',
    async () => {
      const figures = await engineFaults(name, { faults: 8 })
      expect(figures).toMatchObject({ faults: 8, kills: 2, agree: 8, duplicates: 0, lost: 0 })
      expect(figures.cuts).toBeGreaterThan(2)
    },
  )

  test.runIf(isHere)('a failover that takes saves back leaves those who remember them with one client', async () => {
    // So far behind that it has nothing of them.
    const figures = await failover(name, { failovers: 1, lag: 60_000 })
    expect(figures).toMatchObject({ registrations: 4, agree: 2, duplicates: 0 })
    expect(figures.takenBack).toBeGreaterThan(3)
  })

  test.runIf(isHere)(
    'what one replica rotates reaches the others, who look at nothing while nothing is saved',
    async ({ annotate }) => {
      const figures = await announced(name, { replicas: 5, quietMs: 5000 })
      await annotate(`the last of five heard of it after ${figures.slowestMs} ms`)
      expect(figures).toMatchObject({ reached: 5, unannounced: 0 })
      expect(figures.announced).toBeGreaterThanOrEqual(5)
    },
  )
})
