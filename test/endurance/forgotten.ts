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

/**
 * All processes use one client, and every process reports it as refused at the same time: first while the server fails, then
 * when it has forgotten the client.
 */
export async function forgotten({
  processes,
  forgetDelay = 4000,
}: {
  processes: number
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
      reports: 2,
      report: [],
    })
  const registrations = (): number =>
    server.requests.filter(({ method, path }) => method === 'POST' && path === '/register').length - 1
  const starters = Array.from({ length: processes }, start)
  await Promise.all(starters.map(({ ready }) => ready))
  const everyone = async (): Promise<void> => {
    const told = starters.map((starter) => Promise.race([starter.saw('client_id'), starter.saw('failed')]))
    for (const each of starters) each.go()
    await Promise.all(told)
  }
  await everyone()

  server.failForTokens(true)
  await everyone()
  const whileFailing = registrations()

  server.failForTokens(false)
  for (const client of server.clientIds()) server.forget(client)
  // Half of the delay after the first report nothing may have happened yet.
  const inDoubt = sleep(forgetDelay / 2).then(() => registrations() - whileFailing)
  for (const each of starters) each.go()
  const ends = await Promise.all(starters.map(({ ended }) => ended))
  const [client] = server.clientIds()
  return {
    processes,
    agree: ends.flatMap((lines) => found(lines.slice(-1))).filter(({ client_id }) => client_id === client).length,
    whileFailing,
    whileInDoubt: await inDoubt,
    again: registrations(),
  }
}
