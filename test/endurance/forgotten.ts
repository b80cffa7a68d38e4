import { setTimeout as sleep } from 'node:timers/promises'

import { startOidcProvider } from '../servers/index.ts'
import { newFolder } from '../starters/folder.ts'
import { found, startStarter } from '../starters/start.ts'

/** What became of a client that its server has forgotten, or seemed to have. */
export interface ForgottenFigures {
  processes: number
  /** How many of the processes ended with the one new client. */
  agree: number
  /** Registrations while the server only failed (5xx), although every process reported the client as refused. */
  whileFailing: number
  /** Registrations while the server denied the client, but not for long enough. */
  whileInDoubt: number
  /** Registrations in all, after the first. */
  again: number
}

/** All processes use one client, the server forgets it, and every process reports it as refused at the same time. */
export async function forgotten({
  processes,
  failing = processes,
  forgetDelay = 4000,
}: {
  processes: number
  /** How many others report it before, while the server only fails. */
  failing?: number
  forgetDelay?: number
}): Promise<ForgottenFigures> {
  await using server = await startOidcProvider()
  await using folder = await newFolder()
  const start = (): ReturnType<typeof startStarter> =>
    startStarter({
      issuer: server.issuer,
      registrar: server.registrar,
      directories: [folder.path],
      metadata: { redirect_uris: ['https://app.example/callback'] },
      timeout: 60_000,
      forgetDelay,
      report: [],
    })
  const registrations = (): number =>
    server.requests.filter(({ method, path }) => method === 'POST' && path === '/register').length - 1
  const everyone = async (count: number, meanwhile: () => Promise<void>): Promise<{ client_id: string }[]> => {
    const starters = Array.from({ length: count }, start)
    const registered = starters.map((starter) => starter.saw('client_id'))
    await Promise.all(starters.map(({ ready }) => ready))
    for (const each of starters) each.go()
    await Promise.all(registered)
    await meanwhile()
    for (const each of starters) each.go()
    const told = await Promise.all(starters.map(({ ended }) => ended))
    return told.flatMap((lines) => found(lines).slice(1))
  }

  await everyone(failing, async () => server.failForTokens(true))
  const whileFailing = registrations()

  let inDoubt: Promise<number> | undefined
  server.failForTokens(false)
  const ended = await everyone(processes, async () => {
    for (const client of server.clientIds()) server.forget(client)
    // Half of the delay after the first report nothing may have happened yet.
    inDoubt = sleep(forgetDelay / 2).then(() => registrations() - whileFailing)
  })
  const [client] = server.clientIds()
  return {
    processes,
    agree: ended.filter(({ client_id }) => client_id === client).length,
    whileFailing,
    whileInDoubt: (await inDoubt) ?? 0,
    again: registrations(),
  }
}
