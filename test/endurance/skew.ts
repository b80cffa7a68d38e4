import { engines } from '../../packages/tools/machine/engines-found.mjs'
import { startOidcProviderProcess } from '../servers/index.ts'
import { newFolder } from '../starters/folder.ts'
import { found, startStarter } from '../starters/start.ts'

/** What skewed clocks came to. */
export interface SkewFigures {
  rounds: number
  /** Rounds that ended with one client, in which all processes agree. */
  one: number
}

/** libfaketime, which sets the clock of a process; `undefined` where this machine has none. */
export const faketime = engines.find(({ name }) => name === 'libfaketime')?.path

/** Processes that start at once, half of them with a clock that is three hours off, one way or the other. */
export async function skew({ rounds, processes = 30 }: { rounds: number; processes?: number }): Promise<SkewFigures> {
  if (faketime === undefined) throw new Error('This needs libfaketime')
  const figures: SkewFigures = { rounds: 0, one: 0 }
  for (; figures.rounds < rounds; figures.rounds++) {
    await using server = await startOidcProviderProcess()
    await using folder = await newFolder()
    const starters = Array.from({ length: processes }, (_, index) => {
      const skewed =
        index % 2 === 1
          ? { LD_PRELOAD: faketime, FAKETIME: index % 4 === 1 ? '+3h' : '-3h', FAKETIME_DONT_FAKE_MONOTONIC: '1' }
          : {}
      return startStarter(
        {
          issuer: server.issuer,
          registrar: server.registrar,
          directories: [folder.path],
          metadata: {
            grant_types: ['client_credentials'],
            response_types: [],
            redirect_uris: [],
            scope: 'orders:read',
          },
          timeout: 30_000,
          report: [],
        },
        skewed,
      )
    })
    await Promise.all(starters.map(({ ready }) => ready))
    for (const each of starters) each.go()
    const told = await Promise.all(starters.map(({ ended }) => ended))
    const clients = told.flatMap(found).map(({ client_id }) => client_id)
    if (clients.length === processes && new Set(clients).size === 1 && (await server.clients()) === 1) figures.one += 1
  }
  return figures
}
