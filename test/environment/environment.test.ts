import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { managerFromEnvironment } from '@registrant/node/environment'
import { startOidcProvider, startScriptedServer, startSimpleIdServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { temporaryDirectory } from '../support/folders.ts'
import { runProgram } from '../walk/run-walk.ts'

const metadata = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'orders:read' }

const orders = (issuer: string, folder: string) => ({
  REGISTRANT_ISSUER: issuer,
  REGISTRANT_APPLICATION: 'orders',
  REGISTRANT_METADATA: JSON.stringify(metadata),
  REGISTRANT_STORE: `file:${folder}`,
})

test.skipIf(process.platform === 'win32')(
  'the service that the page on operation shows keeps its client where it is stopped while it registers',
  async () => {
    const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
    const [, shown = ''] = /## Start and stop\n+```ts\n(.*?)```/s.exec(page) ?? []
    await using folder = await temporaryDirectory()
    let service: ChildProcess | undefined
    const register = async (_: ScriptedRequest, usual: () => Answer): Promise<Answer> => {
      service?.kill('SIGTERM')
      await setTimeout(300)
      return usual()
    }
    await using server = await startScriptedServer({ register }, { open: true })
    const env = orders(server.issuer, folder.path)
    service = spawn(process.execPath, ['--input-type=module', '-e', shown.replace('8080', '0')], {
      cwd: import.meta.dirname,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    expect(await once(service, 'close')).toEqual([0, null])
    const { client_id } = await (await managerFromEnvironment(env)).ensure()
    expect(server.clientIds()).toEqual([client_id])
  },
)

describe('managerFromEnvironment', () => {
  test('registers at a real server with the client that pays for it, and again does nothing', async () => {
    await using server = await startOidcProvider()
    await using folder = await temporaryDirectory()
    const secret = join(folder.path, 'secret')
    await writeFile(secret, `${server.registrar.clientSecret}\n`)
    const env = {
      ...orders(server.issuer, folder.path),
      REGISTRANT_CLIENT_ID: server.registrar.clientId,
      REGISTRANT_CLIENT_SECRET_FILE: secret,
      REGISTRANT_AUTHENTICATION: 'client_secret_post',
      REGISTRANT_SCOPE: 'register',
    }
    const { client_id } = await (await managerFromEnvironment(env)).ensure()
    expect(server.clientIds()).toEqual([client_id])
    const before = server.requests.length
    expect((await (await managerFromEnvironment(env)).ensure()).client_id).toBe(client_id)
    expect(server.requests.length).toBe(before)
  })

  test('leaves a byte order mark out, with which editors of Windows begin a file', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await using folder = await temporaryDirectory()
    const [secret, declared] = [join(folder.path, 'secret'), join(folder.path, 'metadata.json')]
    await writeFile(secret, '\uFEFFa-secret\r\n')
    await writeFile(declared, `\uFEFF${JSON.stringify(metadata)}`)
    const manager = await managerFromEnvironment({
      ...orders(server.issuer, folder.path),
      REGISTRANT_METADATA: declared,
      REGISTRANT_INITIAL_ACCESS_TOKEN_FILE: secret,
    })
    await manager.ensure()
    expect(server.requestsTo('register').map(({ headers }) => headers['authorization'])).toEqual(['Bearer a-secret'])
  })

  test('sends an initial access token, applies a profile and a generation, and takes what only a program can say', async () => {
    await using server = await startSimpleIdServer({ version: 'head', realms: true })
    await using folder = await temporaryDirectory()
    const { clientId, clientSecret, scope } = server.registrar
    const events: string[] = []
    const manager = await managerFromEnvironment(
      {
        ...orders(server.issuer, folder.path),
        REGISTRANT_METADATA: JSON.stringify({ redirect_uris: ['https://app.example/callback'] }),
        REGISTRANT_CLIENT_ID: clientId,
        REGISTRANT_CLIENT_SECRET: clientSecret,
        REGISTRANT_AUTHENTICATION: 'client_secret_post',
        REGISTRANT_SCOPE: scope,
        REGISTRANT_PROFILE: 'simpleIdServer',
        REGISTRANT_GENERATION: '7',
      },
      { onEvent: ({ type }) => void events.push(type) },
    )
    await manager.ensure()
    expect((await manager.status()).generation).toBe(7)
    expect(events).toContain('registered')
    await manager.delete() // at the address that the profile knows

    await using open = await startScriptedServer()
    const token = { ...orders(open.issuer, folder.path), REGISTRANT_INITIAL_ACCESS_TOKEN: 'an initial access token' }
    await (await managerFromEnvironment(token)).ensure().catch(() => undefined)
    expect(open.requestsTo('register')[0]?.headers['authorization']).toBe('Bearer an initial access token')
  })

  test('reads a configuration file: its paths start where it lies, and a variable outweighs its member', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await using folder = await temporaryDirectory()
    const config = join(folder.path, 'registrant.config.json')
    await writeFile(join(folder.path, 'metadata.json'), JSON.stringify(metadata))
    await writeFile(
      config,
      JSON.stringify({
        $schema: './node_modules/@registrant/node/schema/config.json',
        issuer: 'https://other.example',
        application: 'orders',
        metadata: 'metadata.json',
        store: 'file:state',
        generation: 3,
        allowHttp: ['http://keycloak:8080'],
      }),
    )
    const env = { REGISTRANT_CONFIG: config, REGISTRANT_ISSUER: server.issuer }
    const manager = await managerFromEnvironment(env)
    await manager.ensure()
    expect((await manager.status()).generation).toBe(3)
    expect(server.clients()).toBe(1)
    expect(await readdir(folder.path)).toContain('state')
  })

  test('keeps keys for the client where a variable or a file says so, and a program outweighs both', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await using folder = await temporaryDirectory()
    const config = join(folder.path, 'registrant.config.json')
    const algOf = async (instance: string, env: Record<string, string>, options = {}) => {
      const said = { ...orders(server.issuer, folder.path), REGISTRANT_INSTANCE: instance, ...env }
      const { token_endpoint_auth_signing_alg: alg } = await (await managerFromEnvironment(said, options)).ensure()
      return alg
    }
    await writeFile(config, JSON.stringify({ keys: { alg: 'ES384', rotateAfter: 86_400_000 } }))
    expect(await algOf('variable', { REGISTRANT_KEYS: 'true' })).toBe('ES256')
    expect(await algOf('file', { REGISTRANT_CONFIG: config })).toBe('ES384')
    expect(await algOf('neither', { REGISTRANT_CONFIG: config, REGISTRANT_KEYS: 'false' })).toBeUndefined()
    expect(await algOf('program', { REGISTRANT_CONFIG: config }, { keys: { alg: 'ES512' } })).toBe('ES512')
    expect(await algOf('silent program', { REGISTRANT_CONFIG: config }, { keys: undefined })).toBe('ES384')
  })

  test('registers nobody in an empty store where it is told to expect a registration, unless a program says otherwise', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await using folder = await temporaryDirectory()
    const env = { ...orders(server.issuer, folder.path), REGISTRANT_EXPECT_EXISTING: 'true' }
    expect(await failure((await managerFromEnvironment(env)).ensure())).toMatchObject({ code: 'missing' })
    expect(server.clients()).toBe(0)
    await (await managerFromEnvironment(env, { expectExisting: false })).ensure()
    expect(server.clients()).toBe(1)
  })

  test('is closed by whoever calls it, although another one left before its call', async () => {
    await using folder = await temporaryDirectory()
    const manager = await managerFromEnvironment(orders('https://as.example', folder.path))
    const left = manager.close({ signal: AbortSignal.abort() }).catch((error: unknown) => error)
    await manager.close()
    expect(await left).toMatchObject({ message: 'The signal was aborted before the call: nothing was done.' })
    await manager.close()
  })

  test('is closed by whoever calls it, although another one leaves meanwhile', async () => {
    await using folder = await temporaryDirectory()
    const manager = await managerFromEnvironment(orders('https://as.example', folder.path))
    const leaving = new AbortController()
    const left = failure(manager.close({ signal: leaving.signal }))
    const closed = manager.close()
    leaving.abort()
    expect(await left).toMatchObject({ code: 'aborted', outcome: 'unknown' })
    await closed
    expect(await failure(manager.status())).toMatchObject({ code: 'closed' })
  })

  test('runs a configuration file that is a program', async () => {
    await using server = await startScriptedServer({}, { open: true })
    await using folder = await temporaryDirectory()
    const config = join(folder.path, 'registrant.config.ts')
    const said = { issuer: server.issuer, application: 'orders', metadata, store: 'file:state' }
    await writeFile(config, `const config: object = ${JSON.stringify(said)}\nexport default config\n`)
    await (await managerFromEnvironment({ REGISTRANT_CONFIG: config })).ensure()
    expect(server.clients()).toBe(1)
  })
})

test('a configuration file in the current folder is found, and what is wrong with it is told', async () => {
  await using folder = await temporaryDirectory()
  const entry = import.meta.resolve('@registrant/node/environment')
  const program = join(folder.path, 'service.mjs')
  await writeFile(
    program,
    `import { managerFromEnvironment } from '${entry}'
     process.chdir(import.meta.dirname)
     await managerFromEnvironment({}).catch(({ findings }) => {
       for (const { member, message } of findings) console.log(member + ': ' + message)
     })`,
  )
  const secret = 'hunter2hunter2'
  const config = {
    isuer: 'https://login.example.com',
    applicaton: 1,
    clientSecret: secret,
    store: 7,
    metadata: 'x.json',
  }
  await writeFile(join(folder.path, 'registrant.config.json'), JSON.stringify(config))
  const { out } = await runProgram([program], { PATH: process.env['PATH'] })
  expect(out).toContain('isuer in registrant.config.json: There is no such member. Is issuer meant?')
  expect(out).toContain('applicaton in registrant.config.json: There is no such member. Is application meant?')
  expect(out).toContain(
    'clientSecret in registrant.config.json: A secret does not belong in this file: put it into REGISTRANT_CLIENT_SECRET',
  )
  expect(out).toContain('store in registrant.config.json: Name a store')
  expect(out).toContain('metadata in registrant.config.json: ')
  expect(out).not.toContain(secret)

  await writeFile(join(folder.path, 'registrant.config.ts'), 'export const config = {}')
  const two = await runProgram([program], { PATH: process.env['PATH'] })
  expect(two.out).toContain('registrant.config.json and registrant.config.ts: Only one configuration file is read')
})

test('the JSON Schema of a configuration file has every member that a file may have, and no secret', async () => {
  const { default: schema } = await import('@registrant/node/schema/config.json', { with: { type: 'json' } })
  expect(schema.additionalProperties).toBe(false)
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(['$schema', 'issuer', 'application', 'metadata', 'store', 'clientSecretFile', 'profile']),
  )
  expect(Object.keys(schema.properties)).not.toContain('clientSecret')
  for (const { description } of Object.values(schema.properties)) expect(description).toMatch(/\.$/)
})
