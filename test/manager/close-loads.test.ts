import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { startScriptedServer } from '../servers/index.ts'

/** Closes a manager that has just registered, and tells what was loaded until then and after. */
const program = (issuer: string): string => `
  import { registerHooks } from 'node:module'
  import { setTimeout as sleep } from 'node:timers/promises'
  const loaded = []
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
  const { memoryStore, RegistrationManager } = await import('@registrant/node')
  const metadata = { redirect_uris: ['https://app.example/callback'] }
  const manager = new RegistrationManager({ issuer: '${issuer}', application: 'orders', metadata, store: memoryStore() })
  await manager.ensure()
  await manager.close()
  const [before, all] = [loaded.length, loaded.map((url) => url.split('/').at(-1))]
  await sleep(500)
  console.log(JSON.stringify({ all, later: loaded.slice(before) }))`

test('close() waits for what is loaded in the background: a test runner that has ended forbids it', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program(server.issuer)],
    { cwd: join(import.meta.dirname, '..') },
  )
  const { all, later } = JSON.parse(stdout)
  expect(later).toEqual([])
  expect(all).toContain('keys.js')
})
