import { once } from 'node:events'
import { createServer } from 'node:net'

import { managerFromEnvironment } from '@registrant/node/environment'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { registrant } from '../cli/run.ts'
import { startCutProxy } from '../engines/cut-proxy.ts'
import { startKubernetesApi } from '../engines/kubernetes.ts'
import type { KubernetesApi } from '../engines/kubernetes.ts'
import { hasRedis, startRedis } from '../engines/redis.ts'
import { temporaryDirectory } from '../support/folders.ts'

const envFor = (issuer: string, store: string): Record<string, string> => ({
  REGISTRANT_ISSUER: issuer,
  REGISTRANT_APPLICATION: 'orders',
  REGISTRANT_METADATA: '{ "grant_types": ["client_credentials"], "response_types": [], "redirect_uris": [] }',
  REGISTRANT_STORE: store,
})

/** A process in which these packages are not installed. */
const without = (name: string): string => {
  const hook = `import { registerHooks } from 'node:module'
    registerHooks({ resolve(specifier, context, next) {
      if (specifier !== '${name}') return next(specifier, context)
      throw Object.assign(new Error('not installed'), { code: 'ERR_MODULE_NOT_FOUND' })
    } })`
  return `--import=data:text/javascript,${encodeURIComponent(hook)}`
}

test.for([
  ['postgres://orders:hunter2hunter2@db.example/orders', 'pg'],
  ['redis://:hunter2hunter2@db.example', 'redis'],
] as const)('%s says which package it needs, and tells no password', async ([store, name]) => {
  await using folder = await temporaryDirectory()
  const env = { ...envFor('https://as.example', store), NODE_OPTIONS: without(name) }
  const { code, error } = await registrant(['status'], { cwd: folder.path, env })
  expect(error).toContain(`REGISTRANT_STORE: It needs the package ${name}. Install it: npm install ${name}`)
  expect(code).toBe(2)
  expect(error).not.toContain('hunter2')
})

test('a Redis that is not there is told as such', async () => {
  await using folder = await temporaryDirectory()
  const env = envFor('https://as.example', 'redis://:hunter2hunter2@127.0.0.1:1')
  const { code, error } = await registrant(['status'], { cwd: folder.path, env })
  expect(error).toMatch(/Redis can not be reached\. .*\(store-unavailable\)/)
  expect(code).toBe(4)
  expect(error).not.toContain('hunter2')
})

describe.runIf(hasRedis)('a registration in Redis', () => {
  test('is made by one call, used by the next, and is good for doctor', async () => {
    await using redis = await startRedis()
    await using server = await startScriptedServer({}, { open: true })
    await using folder = await temporaryDirectory()
    const place = { cwd: folder.path, env: envFor(server.issuer, redis.url) }
    expect(await registrant(['ensure'], place)).toMatchObject({
      code: 0,
      out: expect.stringContaining('registered client'),
    })
    expect(await registrant(['ensure'], place)).toMatchObject({
      code: 0,
      out: expect.stringContaining('reused client'),
    })
    const { out } = await registrant(['doctor'], place)
    expect(out).toContain('✓ store: can be read and written, by compare-and-swap')
    expect(server.clients()).toBe(1)
  })

  test('is denied where the password is wrong or missing', async () => {
    await using redis = await startRedis()
    await redis.ask('CONFIG', 'SET', 'requirepass', 'right')
    for (const password of ['', ':wrong@']) {
      const env = envFor('https://as.example', redis.url.replace('//', `//${password}`))
      const manager = await managerFromEnvironment(env)
      await expect(manager.status()).rejects.toMatchObject({ code: 'store-denied' })
      await manager.close()
    }
  })

  test('is left alone by a manager that was closed while nothing is heard of the connection by which it would watch', async () => {
    await using redis = await startRedis()
    await using proxy = await startCutProxy(redis.port)
    await using server = await startScriptedServer({}, { open: true })
    const manager = await managerFromEnvironment(envFor(server.issuer, `redis://127.0.0.1:${proxy.port}`))
    await manager.ensure()
    const before = proxy.connections
    proxy.mute(1)
    const watching = (async () => {
      for await (const { client_id } of manager.watch()) expect(client_id).toBe(server.clientIds()[0])
    })()
    await expect.poll(() => proxy.connections, { timeout: 10_000 }).toBe(before + 1)
    await manager.close()
    await watching.catch(() => undefined)
    await expect.poll(() => proxy.connections, { timeout: 10_000 }).toBe(0)
  })

  test.for([
    ['never said a word', 1],
    ['says no more', 0],
  ] as const)('is looked for by another connection when one %s', async ([, next]) => {
    await using redis = await startRedis()
    await using proxy = await startCutProxy(redis.port)
    const env = envFor('https://as.example', `redis://127.0.0.1:${proxy.port}`)
    const manager = await managerFromEnvironment(env, { timeout: 1000 })
    if (next === 0) await manager.status()
    proxy.mute(next)
    await expect(manager.status()).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(await manager.status()).toMatchObject({ state: 'absent' })
    await manager.close()
  })
})

test.for(['redis', 'postgres'])(
  'a %s that accepts and says nothing keeps no manager from being closed',
  async (scheme) => {
    const ends: Promise<unknown>[] = []
    const mute = createServer((socket) => void ends.push(once(socket.resume(), 'close')))
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const address = mute.address()
    if (typeof address !== 'object' || address === null) throw new Error('It does not listen')
    const env = envFor('https://as.example', `${scheme}://127.0.0.1:${address.port}`)
    const manager = await managerFromEnvironment(env, { timeout: 1000 })
    await expect(manager.status()).rejects.toMatchObject({ code: 'store-unavailable' })
    await manager.close()
    expect(ends).not.toEqual([])
    await Promise.all(ends)
    mute.close()
  },
)

describe('a registration in a Secret of Kubernetes', () => {
  /** A process in a pod: it is told where the API is, and a folder is mounted where Kubernetes mounts it. */
  const pod = ({ url, serviceAccount }: KubernetesApi): Record<string, string> => {
    const { hostname, port } = new URL(url)
    const mount = `import fs from 'node:fs/promises'
      import { syncBuiltinESMExports } from 'node:module'
      const { readFile } = fs
      const [there, here] = ['/var/run/secrets/kubernetes.io/serviceaccount', ${JSON.stringify(serviceAccount)}]
      fs.readFile = (path, ...more) => readFile(typeof path === 'string' ? path.replace(there, here) : path, ...more)
      syncBuiltinESMExports()`
    return {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(mount)}`,
    }
  }

  test('is made by one pod, used by the next, and needs what registrant role prints', async () => {
    await using api = await startKubernetesApi()
    await using server = await startScriptedServer({}, { open: true })
    await using folder = await temporaryDirectory()
    const place = { cwd: folder.path, env: { ...envFor(server.issuer, 'kubernetes:orders/client'), ...pod(api) } }
    api.verbs.delete('create')
    const denied = await registrant(['ensure'], place)
    expect(denied).toMatchObject({
      code: 4,
      error: expect.stringMatching(/did not make the Secret client: 403.*Role.*\(store-denied\)/),
    })
    expect(server.clients()).toBe(0)

    const { out: role } = await registrant(['role', '--namespace', 'orders', '--secret', 'client'], place)
    const granted = [...role.matchAll(/verbs: \[(.*)\]/g)].flatMap(([, verbs = '']) => verbs.split(', '))
    api.verbs.clear()
    for (const verb of granted) api.verbs.add(verb)
    expect(await registrant(['ensure'], place)).toMatchObject({ code: 0, out: expect.stringContaining('registered') })
    expect(await registrant(['ensure'], place)).toMatchObject({ code: 0, out: expect.stringContaining('reused') })
    expect([...api.secrets.keys()]).toEqual(['client'])
    expect(server.clients()).toBe(1)
    expect((await registrant(['doctor'], place)).out).toContain('✓ store: can be read and written, by compare-and-swap')
  })

  test('is told to be none of a pod where there is no Kubernetes', async () => {
    await using folder = await temporaryDirectory()
    const env = envFor('https://as.example', 'kubernetes:')
    const { code, error } = await registrant(['status'], { cwd: folder.path, env })
    expect(error).toMatch(/KUBERNETES_SERVICE_HOST.*\(store-denied\)/)
    expect(error).not.toContain('issuer')
    expect(code).toBe(4)
  })
})
