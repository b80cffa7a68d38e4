import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const run = promisify(execFile)

/** What of Node.js a process has loaded that runs this program. */
async function loadedBy(program: string): Promise<string[]> {
  const report = 'console.log(JSON.stringify(process.moduleLoadList))'
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', `${program}\n${report}`], {
    cwd: import.meta.dirname,
  })
  return JSON.parse(stdout)
}

const fetching = expect.stringContaining('internal/deps/undici/undici')

test('a process that waits for another one, or finds what it registered, loads no fetch', async () => {
  const program = `
    import { memoryStore, RegistrationManager } from '@registrant/node'
    const make = (store) => new RegistrationManager({
      issuer: 'http://127.0.0.1:9', application: 'orders', metadata: { redirect_uris: [] }, timeout: 1500, lease: 6500, store,
    })
    const store = memoryStore()
    const other = new Promise((resolve) => {
      const save = store.save
      store.save = (...given) => (resolve(), save(...given))
    })
    // What registers stops before it asks anybody.
    const holds = { ...store, save: async (...given) => (await store.save(...given), new Promise(() => undefined)) }
    make(holds).ensure().catch(() => undefined)
    await other
    const leaving = AbortSignal.timeout(500)
    await make(store).ensure({ signal: leaving }).then(() => process.exit(1), () => undefined)
    if (!leaving.aborted) process.exit(2)`
  const [waits, asks] = await Promise.all([
    loadedBy(`${program}\nsetTimeout(() => process.exit())`),
    loadedBy(`await fetch('http://127.0.0.1:9').catch(() => undefined)`),
  ])
  expect(asks).toContainEqual(fetching)
  expect(waits).not.toContainEqual(fetching)
})
