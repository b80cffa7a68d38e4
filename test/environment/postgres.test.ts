import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { managerFromEnvironment } from '@registrant/node/environment'
import { startScriptedServer } from '@registrant/test/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCutProxy } from '../engines/cut-proxy.ts'
import { hasPostgres, startPostgres } from '../engines/postgres.ts'
import type { PostgresServer } from '../engines/postgres.ts'
import { runProgram } from '../walk/run-walk.ts'

const service = fileURLToPath(new URL('service.ts', import.meta.url))

const replica = fileURLToPath(new URL('../../docs/examples/replicas/replica.ts', import.meta.url))

/** Starts the service as a process of its own; its lines, as they come. */
function startService(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', service], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const seen = new Map<string, () => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    seen.get(line)?.()
  })
  return {
    ended: new Promise<string[]>((resolve) => child.once('close', () => resolve(lines))),
    saw: (line: string) => new Promise<void>((resolve) => seen.set(line, resolve)),
    stop: () => child.kill('SIGTERM'),
  }
}

describe.runIf(hasPostgres)(
  'a service that is configured by its environment, with its registration in PostgreSQL',
  () => {
    let postgres: PostgresServer
    beforeAll(async () => {
      postgres = await startPostgres()
    })
    afterAll(() => postgres[Symbol.asyncDispose]())

    const envFor = (issuer: string, application: string): Record<string, string> => ({
      REGISTRANT_ISSUER: issuer,
      REGISTRANT_APPLICATION: application,
      REGISTRANT_METADATA: '{ "grant_types": ["client_credentials"], "response_types": [], "redirect_uris": [] }',
      REGISTRANT_STORE: postgres.url,
      REGISTRANT_STORE_KEY: Buffer.alloc(32, application).toString('base64'),
    })

    test('runs as two processes with one client, and the table is made by whoever comes first', async () => {
      await using server = await startScriptedServer({}, { open: true })
      const env = envFor(server.issuer, 'orders')
      const both = await Promise.all([startService(env).ended, startService(env).ended])
      expect(server.clients()).toBe(1)
      for (const lines of both) expect(lines.at(-1)).toBe(server.clientIds()[0])
    })

    test('is one client for the ten replicas of the recipe, which start at once', async () => {
      await using server = await startScriptedServer({}, { open: true })
      const env = { PATH: process.env['PATH'], DATABASE_URL: postgres.url, ISSUER: server.issuer }
      const replicas = Array.from({ length: 10 }, () => runProgram([replica], env))
      const ended = await Promise.all(replicas)
      const [client = ''] = server.clientIds()
      expect(ended).toEqual(ended.map(() => ({ code: 0, out: `${client}\n`, error: '' })))
      expect(server.clients()).toBe(1)
    })

    test('loses nothing when it is told to stop while it registers', async () => {
      await using server = await startScriptedServer({}, { open: true })
      server.script({
        register: async (_, usual) => (await new Promise((resolve) => setTimeout(resolve, 500)), usual()),
      })
      const env = envFor(server.issuer, 'billing')
      const first = startService(env)
      await first.saw('intent')
      first.stop()
      await first.ended
      server.script({ register: undefined })
      const manager = await managerFromEnvironment(env)
      const { client_id } = await manager.ensure()
      expect((await manager.status()).orphans).toEqual([])
      expect(server.clientIds()).toEqual([client_id])
      await manager.close()
    })

    test('looks for it by other connections when those that are there say no more', async () => {
      const { port } = new URL(postgres.url)
      await using proxy = await startCutProxy(Number(port))
      const address = postgres.url.replace(port, String(proxy.port))
      const env = { ...envFor('https://as.example', 'muted'), REGISTRANT_STORE: address }
      const manager = await managerFromEnvironment(env, { timeout: 1000 })
      await Promise.all([1, 2, 3].map(() => manager.status()))
      proxy.mute(0)
      await expect(manager.status()).rejects.toMatchObject({ code: 'store-unavailable' })
      expect(await manager.status()).toMatchObject({ state: 'absent' })
      await manager.close()
    })

    test('says that it can not be reached, and shows no password', async () => {
      const address = 'postgres://orders:hunter2hunter2@127.0.0.1:1/orders'
      const manager = await managerFromEnvironment({ ...envFor('https://as.example', 'x'), REGISTRANT_STORE: address })
      const error: unknown = await manager.status().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'store-unavailable' })
      expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
      await manager.close()
    })
  },
)
