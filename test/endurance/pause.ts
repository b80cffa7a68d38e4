import { setTimeout as sleep } from 'node:timers/promises'

import { startOidcProviderProcess } from '../servers/index.ts'
import type { EngineChoice } from '../starters/engine.ts'
import { newFolder } from '../starters/folder.ts'
import { found, inParallel, startStarter } from '../starters/start.ts'

/** What pauses came to. */
export interface PauseFigures {
  rounds: number
  /** Rounds at whose end all processes had the same client. */
  agree: number
  /** Rounds at whose end a client existed that is neither in use nor listed as an orphan. */
  lost: number
}

// Sixty processes share two cores: a request that is late must not be taken for one that is lost, and who gave up calls again.
const timeout = 4000
const lease = 9000

/** The holder of the lease is stopped right after it wrote its intent, and woken when the others have taken over. */
export async function pause({
  rounds,
  width = 20,
  engine,
}: {
  rounds: number
  width?: number
  engine?: EngineChoice
}): Promise<PauseFigures> {
  const figures: PauseFigures = { rounds: 0, agree: 0, lost: 0 }
  await using server = await startOidcProviderProcess()
  await using folder = await newFolder()
  const used = new Set<string>()
  const orphans = new Set<string>()
  let unnamed = 0
  await inParallel(
    Array.from({ length: rounds }, (_, round) => round),
    width,
    async (round) => {
      const options = {
        issuer: server.issuer,
        registrar: server.registrar,
        metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'orders:read' },
        timeout,
        lease,
        directories: [`${folder.path}/${round}`],
        engine,
        tries: 20,
        report: ['intent'],
      }
      const holder = startStarter(options)
      await holder.ready
      const intent = holder.saw('intent')
      holder.go()
      await intent
      await sleep(Math.random() * 30)
      holder.signal('SIGSTOP')
      const others = [startStarter(options), startStarter(options)]
      await Promise.all(others.map(({ ready }) => ready))
      for (const each of others) each.go()
      const told = await Promise.all(others.map(({ ended }) => ended))
      holder.signal('SIGCONT')
      told.push(await holder.ended)
      const ends = told.map((lines) => found(lines).at(-1))
      const clients = new Set(ends.map((end) => end?.client_id))
      figures.rounds += 1
      if (clients.size === 1 && !clients.has(undefined)) figures.agree += 1
      for (const end of ends) {
        if (end === undefined) continue
        used.add(end.client_id)
        const named = end.orphans.flatMap(({ client_id }) => client_id ?? [])
        for (const client of named) orphans.add(client)
      }
      unnamed += Math.max(
        0,
        ...ends.map((end) => end?.orphans.filter(({ client_id }) => client_id === undefined).length ?? 0),
      )
    },
  )
  const strangers = (await server.clientIds()).filter((client) => !used.has(client) && !orphans.has(client))
  figures.lost = Math.max(0, strangers.length - unnamed)
  return figures
}
