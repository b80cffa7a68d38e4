import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { RegistrationClient } from '@registrant/node'
import type { AuthorizationServer } from '@registrant/node'
import { startOidcProvider } from '@registrant/test/servers'
import type { OidcProviderServer, Registrar } from '@registrant/test/servers'

import { ask } from '../keys/speak.ts'

/** What a start is told. */
export interface Start {
  issuer: string
  registrar: Registrar
  folder: string
  application: string
  /** Where it kills itself, or after how many milliseconds; absent: it does not. */
  dies?: 'before the request' | 'before the answer' | number
}

/** What many killed starts came to; that it returns at all says that no promise was broken. */
export interface KilledStarts {
  kills: number
  /** Clients at the server that nobody heard of again. None of them has a secret. */
  inert: number
  seconds: number
}

const run = promisify(execFile)
const program = fileURLToPath(new URL('start-with-keys.ts', import.meta.url))

/**
 * Kills starts of programs whose manager keeps a key, each with a store of its own, and starts them again. Each must come
 * to one client that works; what was left at the server must be listed, and good for nothing without the key.
 */
export async function killedStarts(deaths: readonly Start['dies'][]): Promise<KilledStarts> {
  await using server = await startOidcProvider()
  const as = await new RegistrationClient({ issuer: server.issuer }).discover()
  const folder = await mkdtemp(join(tmpdir(), 'registrant-'))
  const started = performance.now()
  try {
    const used = new Set<string>()
    let listed = 0
    for (let from = 0; from < deaths.length; from += 4) {
      const together = deaths.slice(from, from + 4).map(async (dies, index) => {
        const { issuer, registrar } = server
        const start: Start = { issuer, registrar, folder, application: `${from + index}` }
        await killed({ ...start, ...(dies !== undefined && { dies }) })
        const { client_id, form, orphans } = await finished(start)
        await mustBe(200, as, form)
        used.add(client_id)
        listed += orphans
      })
      await Promise.all(together)
    }
    const inert = server.clientIds().filter((id) => !used.has(id))
    for (const client_id of inert) await mustBe(401, as, { client_id })
    if (inert.length > listed) throw new Error(`${inert.length} clients were left behind, and ${listed} are listed`)
    if (used.size !== deaths.length) throw new Error(`${deaths.length} programs came to ${used.size} clients`)
    mustHaveIssuedNoSecret(server)
    return { kills: deaths.length, inert: inert.length, seconds: (performance.now() - started) / 1000 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const launch = (start: Start): ReturnType<typeof run> =>
  run(process.execPath, [program, JSON.stringify(start)], { timeout: 60_000 })

async function killed(start: Start): Promise<void> {
  const signal = await launch(start).then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'signal' in error ? error.signal : error),
  )
  // A start that had time enough has done its work before it was to die.
  if (signal !== 'SIGKILL' && !(signal === undefined && typeof start.dies === 'number'))
    throw new Error(`it ended otherwise: ${String(signal)}`)
}

async function finished(start: Start): Promise<{ client_id: string; form: Record<string, string>; orphans: number }> {
  return JSON.parse(String((await launch(start)).stdout))
}

async function mustBe(expected: number, server: AuthorizationServer, form: Record<string, string>): Promise<void> {
  const { status } = await ask(server, { form })
  if (status !== expected) throw new Error(`A token request was answered ${status}, and not ${expected}`)
}

function mustHaveIssuedNoSecret(server: OidcProviderServer): void {
  const known = server.clientIds().map((id) => server.registration(id))
  if (known.some((client) => client === undefined || 'client_secret' in client)) throw new Error('A secret was issued')
}
