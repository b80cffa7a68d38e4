import { startOidcProviderProcess } from '../servers/index.ts'
import { newFolder } from '../starters/folder.ts'
import { found, startStarter } from '../starters/start.ts'

/** What a herd came to. */
export interface HerdFigures {
  processes: number
  clients: number
  /** How many of the processes ended with the one client. */
  agree: number
  discoveries: number
  tokens: number
  registrations: number
}

/** Processes that start at once, with one folder between them, at a real server. */
export async function herd({ processes }: { processes: number }): Promise<HerdFigures> {
  await using server = await startOidcProviderProcess()
  await using folder = await newFolder()
  const starters = Array.from({ length: processes }, () =>
    startStarter({
      issuer: server.issuer,
      registrar: server.registrar,
      directories: [folder.path],
      metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'orders:read' },
      // Two cores carry all of them: time is not what is tested.
      timeout: 60_000,
      report: [],
    }),
  )
  await Promise.all(starters.map(({ ready }) => ready))
  for (const each of starters) each.go()
  const told = await Promise.all(starters.map(({ ended }) => ended))
  const [client] = await server.clientIds()
  const requests = await server.requests()
  const sent = (method: string, path: string): number =>
    requests.filter((request) => request.method === method && request.path.startsWith(path)).length
  return {
    processes,
    clients: await server.clients(),
    agree: told.flatMap(found).filter(({ client_id }) => client_id === client).length,
    discoveries: sent('GET', '/.well-known'),
    tokens: sent('POST', '/token'),
    registrations: sent('POST', '/register'),
  }
}
