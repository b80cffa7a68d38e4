import { startTestServer } from '@registrant/node/testing'
import type { ScriptedServer, Scripts } from '@registrant/node/testing'

import type { Servers } from './behaviour/case.ts'

/** Starts the servers that the cases talk to, in this process; the runtimes are others. */
export async function startServers(): Promise<AsyncDisposable & { servers: Servers }> {
  const started: ScriptedServer[] = []
  const start = async (scripts: Scripts, open = true): Promise<ScriptedServer> => {
    const server = await startTestServer({ open, rotate: 'update', scripts })
    started.push(server)
    return server
  }
  const closed = await start({}, false)
  const refusal = { status: 400, body: { error: 'invalid_redirect_uri', error_description: 'It is not known.' } }
  const long = (_: unknown, usual: () => { body?: unknown }) => ({
    ...usual(),
    body: { ...Object(usual().body), padding: 'x'.repeat(300_000) },
  })
  return {
    servers: {
      usual: (await start({})).issuer,
      closed: closed.issuer,
      registrar: closed.registrar,
      refusing: (await start({ register: refusal })).issuer,
      losing: (await start({ register: { lost: 'after' } })).issuer,
      silent: (await start({ register: { delay: Infinity } })).issuer,
      long: (await start({ register: long })).issuer,
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((server) => server.close()))
    },
  }
}
