// What a herd is measured against: a starter with the same folder, server, lease and waiting that knows nothing else. It prints
// `ready`, waits for a line, registers unless another starter has or is at it, and tells the outcome as program.ts does.
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

import { fileStore } from '@registrant/node'

import type { StarterOptions, Told } from './options.ts'

const options: StarterOptions = JSON.parse(process.argv[2] ?? '{}')
const { issuer, registrar, directories, metadata, timeout = 30_000 } = options
const [directory = ''] = directories
const store = fileStore(directory)
const key = 'orders-0123456789abcdef.0123'
const lease = 2 * timeout

interface ControlRecord {
  state: 'registering' | 'registered'
  intent?: { id: string; lease: number }
  registration?: { client_id: string }
  /** As long as the rest of the manager's record. */
  padding: string
}
const padding = 'x'.repeat(1500)

const tell = (line: Told): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

tell({ event: 'ready', directory: '' })
await once(process.stdin, 'data')
const before = process.cpuUsage()
const { client_id } = await registered()
const { user, system } = process.cpuUsage(before)
tell({ directory, client_id, state: 'registered', orphans: [], cpu: (user + system) / 1000 })
process.stdin.destroy()

async function registered(): Promise<{ client_id: string }> {
  let [seen, since, wait]: [string | undefined, number, number] = [undefined, 0, 25]
  for (;;) {
    const found = await store.load(key)
    const record: ControlRecord | undefined = found && JSON.parse(found.value)
    if (record?.registration) return record.registration
    if (found?.version !== seen) [seen, since] = [found?.version, performance.now()]
    const left = since + (record?.intent?.lease ?? 0) - performance.now()
    if (left > 0) {
      wait = Math.min(wait * 1.5, 1000)
      await pause(Math.min(left, wait * (0.5 + Math.random() / 2)))
      continue
    }
    const intent: ControlRecord = { state: 'registering', intent: { id: crypto.randomUUID(), lease }, padding }
    const version = await store.save(key, JSON.stringify(intent), found?.version)
    if (version === false) continue
    const registration = await register()
    const kept: ControlRecord = { state: 'registered', registration, padding }
    if ((await store.save(key, JSON.stringify(kept), version)) !== false) return registration
  }
}

async function register(): Promise<{ client_id: string }> {
  const server = await json(fetch(`${issuer}/.well-known/openid-configuration`))
  const { clientId, clientSecret, scope } = registrar
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope }
  const token = await json(fetch(server.token_endpoint ?? '', { method: 'POST', body: new URLSearchParams(form) }))
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token.access_token}` }
  return json(fetch(server.registration_endpoint ?? '', { method: 'POST', headers, body: JSON.stringify(metadata) }))
}

async function json(call: Promise<Response>): Promise<Record<string, string> & { client_id: string }> {
  const response = await call
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return JSON.parse(await response.text())
}
