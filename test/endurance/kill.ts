import { setTimeout as sleep } from 'node:timers/promises'

import { startOidcProviderProcess } from '../servers/index.ts'
import type { OidcProviderProcess } from '../servers/index.ts'
import type { EngineChoice } from '../starters/engine.ts'
import { newFolder } from '../starters/folder.ts'
import type { StarterOptions } from '../starters/options.ts'
import { found, inParallel, startStarter } from '../starters/start.ts'

/** What kills came to. */
export interface KillFigures {
  kills: number
  /** Kills that came after the registration was complete; too few, and the last moments are not covered. */
  late: number
  /** Kills that left one more client at the server than there is in use. */
  extra: number
  /** Kills that left more than one. */
  worse: number
  /** Extra clients that no record tells of. */
  unaccounted: number
  /** Next starts that ended with a registration. */
  recovered: number
}

/**
 * `kill -9` at a random moment of a first start, then a second start. The first starts run a few at a time, the second
 * ones of a batch share a process and so the wait for the lease.
 */
export async function kill({
  kills,
  batch = 100,
  engine,
}: {
  kills: number
  batch?: number
  engine?: EngineChoice
}): Promise<KillFigures> {
  const figures: KillFigures = { kills: 0, late: 0, extra: 0, worse: 0, unaccounted: 0, recovered: 0 }
  let window = 1.3 * (await usualTime(engine))
  while (figures.kills < kills) {
    await using server = await startOidcProviderProcess()
    await using folder = await newFolder()
    const rounds = Math.min(batch, kills - figures.kills)
    const directories = Array.from({ length: rounds }, (_, index) => `${folder.path}/${index}`)
    const options = common(server, engine)
    const made = new Map<string, string>()
    await inParallel(directories, 2, async (directory) => {
      const starter = startStarter({ ...options, directories: [directory] })
      await starter.ready
      starter.go()
      await Promise.race([sleep(Math.random() * window), starter.ended])
      starter.signal('SIGKILL')
      const [registered] = found(await starter.ended)
      if (registered !== undefined) made.set(directory, registered.client_id)
      // Kills are to reach a little beyond the end, however busy the machine is: about one in four comes too late.
      window *= registered === undefined ? 1.04 : 0.88
    })
    figures.late += made.size
    const second = startStarter({ ...options, ...unhurried, directories })
    await second.ready
    second.go()
    const recovered = found(await second.ended)
    const used = new Set(recovered.map(({ client_id }) => client_id))
    const orphans = recovered.flatMap((told) => told.orphans)
    const extra = (await server.clientIds()).filter((client) => !used.has(client)).length
    figures.kills += rounds
    figures.recovered += used.size
    figures.extra += extra
    figures.worse += recovered.filter((told) => told.orphans.length > 1).length
    figures.unaccounted += Math.max(0, extra - orphans.length)
    for (const [directory, first] of made) {
      if (recovered.find((told) => told.directory === directory)?.client_id !== first) figures.worse += 1
    }
  }
  return figures
}

/** How long a start takes on this machine, beside another one: milliseconds from the word to the registration. */
async function usualTime(engine: EngineChoice | undefined): Promise<number> {
  await using server = await startOidcProviderProcess()
  await using folder = await newFolder()
  const times: number[] = []
  await inParallel([0, 1, 2, 3, 4, 5], 2, async (index) => {
    const starter = startStarter({ ...common(server, engine), ...unhurried, directories: [`${folder.path}/${index}`] })
    await starter.ready
    const before = performance.now()
    starter.go()
    await starter.saw('client_id')
    times.push(performance.now() - before)
    await starter.ended
  })
  return times.toSorted((a, b) => a - b)[3] ?? 0
}

/** For starts that are to end well, however busy the machine is. */
const unhurried = { timeout: 20_000, lease: 25_000 }

const common = (
  { issuer, registrar }: OidcProviderProcess,
  engine: EngineChoice | undefined,
): Omit<StarterOptions, 'directories'> => ({
  engine,
  issuer,
  registrar,
  metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'orders:read' },
  timeout: 1500,
  lease: 6500,
  report: [],
})
