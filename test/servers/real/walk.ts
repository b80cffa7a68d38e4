import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import {
  memoryStore,
  NotSupportedError,
  RegistrationClient,
  RegistrationError,
  RegistrationManager,
} from '@registrant/node'
import type { RegistrationResponse } from '@registrant/node'

import { startChild } from './process.ts'
import type { RealServer, Running, Step } from './server.ts'

/** What one step showed: `right`, `own` (the server's own way, with its reason), `wrong`, or `none` (nobody can do it there). */
interface Cell {
  verdict: 'right' | 'own' | 'wrong' | 'none'
  seen: string
}

export type Row = Record<Step, Cell>

export const steps: readonly Step[] = [
  'register',
  'read',
  'update',
  'delete',
  'drift',
  'known',
  'forgotten',
  'secret',
  'processes',
]

const none: Cell = { verdict: 'none', seen: '' }
const nothing: Row = {
  register: none,
  read: none,
  update: none,
  delete: none,
  drift: none,
  known: none,
  forgotten: none,
  secret: none,
  processes: none,
}

/** How often a service says again that its client is refused, and how long it waits between; longer than `forgetDelay`. */
const reports = 6
const forgetDelay = 300
const pause = 400

/** The error of a step that did not end as it should. */
class Wrong extends Error {}

/** Goes through everything that a client and a manager do, at one server that runs. */
export async function walk(server: RealServer, running: Running): Promise<Row> {
  const { options, metadata } = server.connect(running.address)
  const exchanges: { method: string; status: number }[] = []
  const tellingFetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    exchanges.push({ method: init?.method ?? (input instanceof Request ? input.method : 'GET'), status: answer.status })
    return answer
  }
  const statuses = (method: string): string => String(exchanges.findLast((it) => it.method === method)?.status ?? '')
  const client = new RegistrationClient({ ...options, fetch: tellingFetch })
  const manager = (store = memoryStore(), more: object = {}): RegistrationManager =>
    new RegistrationManager({
      ...options,
      application: 'orders',
      metadata: { ...metadata, ...more },
      store,
      forgetDelay,
    })

  let current: RegistrationResponse | undefined
  const registered = (): RegistrationResponse => {
    if (current === undefined) throw new Wrong('nothing was registered')
    return current
  }

  const act: Record<Step, () => Promise<string | undefined>> = {
    async register() {
      current = await client.register(metadata)
      const method = current.token_endpoint_auth_method
      const asked = metadata.token_endpoint_auth_method
      return method === asked ? statuses('POST') : `${statuses('POST')}, ${method ?? 'no method'} for ${asked}`
    },
    async read() {
      current = await client.read(registered())
      return statuses('GET')
    },
    async update() {
      const renamed = await client.update(registered(), { client_name: 'Orders, renamed' })
      current = renamed
      const { client_name } = renamed
      if (client_name !== 'Orders, renamed') throw new Wrong(`${statuses('PUT')}, client_name ${client_name}`)
      return statuses('PUT')
    },
    async delete() {
      await client.delete(registered())
      return statuses('DELETE')
    },
    async drift() {
      const store = memoryStore()
      const { client_id } = await manager(store).ensure()
      const moved = { redirect_uris: metadata.redirect_uris?.map((uri) => `${uri}/moved`) ?? [] }
      const now = await manager(store, moved).ensure()
      if (JSON.stringify(now.redirect_uris) !== JSON.stringify(moved.redirect_uris))
        throw new Wrong(`still ${now.redirect_uris?.join(' ')}`)
      return now.client_id === client_id ? 'updated' : 'replaced'
    },
    async known() {
      const it = manager()
      const registration = await it.ensure()
      const after = await reported(it, registration, 2)
      if (after.client_id !== registration.client_id) throw new Wrong('a client that lives was replaced')
      return 'stays'
    },
    async forgotten() {
      if (running.forget === undefined) return undefined
      const it = manager()
      const registration = await it.ensure()
      await running.forget(registration.client_id)
      const after = await reported(it, registration, reports, (now) => now.client_id !== registration.client_id)
      if (after.client_id === registration.client_id) throw new Wrong('the dead client is given out')
      return 'registered anew'
    },
    async secret() {
      if (running.newSecret === undefined || metadata.token_endpoint_auth_method === 'none') return undefined
      const it = manager()
      const registration = await it.ensure()
      const fresh = await running.newSecret(registration.client_id)
      const after = await reported(it, registration, reports, (now) => now.client_secret !== registration.client_secret)
      if (after.client_secret === fresh) return 'found the new one'
      if (after.client_id !== registration.client_id) return 'registered anew'
      throw new Wrong('the dead secret is given out')
    },
    async processes() {
      const directory = await mkdtemp(join(tmpdir(), 'real-'))
      try {
        const ids = await Promise.all([0, 1].map(() => start(server, running, directory)))
        if (new Set(ids).size !== 1 || ids.some((id) => id.startsWith('failed '))) throw new Wrong(ids.join(' and '))
        return 'one client'
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    },
  }

  const row: Row = { ...nothing }
  for (const step of steps) {
    exchanges.length = 0
    row[step] = await cell(act[step], server.own?.[step])
  }
  return row
}

/** What came of a step. What the server can't do, or does its own way, is not our fault. */
async function cell(act: () => Promise<string | undefined>, own: string | undefined): Promise<Cell> {
  try {
    const seen = await act()
    return seen === undefined ? none : { verdict: 'right', seen }
  } catch (error) {
    if (!(error instanceof RegistrationError || error instanceof Wrong)) throw error
    const said = error instanceof RegistrationError ? `${error.code}${statusOf(error)}` : error.message
    if (own !== undefined) return { verdict: 'own', seen: own }
    if (error instanceof NotSupportedError && error.code !== 'no-registration-endpoint')
      return { verdict: 'own', seen: said }
    return { verdict: 'wrong', seen: error instanceof Wrong ? said : `${said}: ${error.message}` }
  }
}

const statusOf = (error: Error): string => ('status' in error ? ` ${String(error.status)}` : '')

/** The registration in use after a service has reported its client rejected so often, or once `isEnough` holds. */
async function reported(
  manager: RegistrationManager,
  rejected: RegistrationResponse,
  times: number,
  isEnough: (now: RegistrationResponse) => boolean = () => false,
): Promise<RegistrationResponse> {
  let now = rejected
  let last: unknown
  for (let time = 0; time < times && !isEnough(now); time++) {
    if (time > 0) await sleep(pause)
    try {
      now = await manager.reportRejected(rejected)
      last = undefined
    } catch (error) {
      last = error
    }
  }
  if (last !== undefined) throw last
  return now
}

/** Starts another process that registers the same application; resolves to the client that it got. */
async function start(server: RealServer, running: Running, directory: string): Promise<string> {
  const program = join(import.meta.dirname, 'starter.ts')
  const args = [
    '--disable-warning=ExperimentalWarning',
    program,
    server.name,
    JSON.stringify(running.address),
    directory,
  ]
  const child = startChild(process.execPath, args)
  try {
    return (await child.line(/^(client|failed) /)).replace(/^client /, '')
  } finally {
    await child.stop()
  }
}
