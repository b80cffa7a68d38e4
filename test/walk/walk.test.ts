import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, onTestFinished, test } from 'vitest'

import { startOidcProvider, startScriptedServer } from '../servers/index.ts'
import type { TestServer } from '../servers/index.ts'
import { runProgram, runWalk } from './run-walk.ts'

const steps = ['Find the endpoints', 'Get an access token', 'Register', 'Read', 'Update', 'Delete']
const headings = (out: string): string[] => out.match(/(?<=^\d {2})[A-Z][a-z ]*[a-z](?= {2})/gm) ?? []
const requestsOf = (server: TestServer): string[] => server.requests.map(({ method, status }) => `${method} ${status}`)

async function folder(where: string): Promise<string> {
  const made = await mkdtemp(where)
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

test('without arguments it starts a server, walks through all of it and prints no secret', async () => {
  const canaries = await folder(join(tmpdir(), 'walk-'))
  const { code, out, error } = await runWalk([], { canaries })
  expect([code, error]).toEqual([0, ''])
  expect(headings(out)).toEqual(steps)
  expect(out).toContain('scope                      openid profile → openid')
  expect(out).toContain('it held 0 clients at the end')

  const [list = ''] = await readdir(canaries)
  const secrets = (await readFile(join(canaries, list), 'utf8')).trim().split('\n')
  expect(secrets.length).toBeGreaterThanOrEqual(4)
  for (const secret of [...secrets, 'password']) expect(out).not.toContain(secret)
})

test('at a server that is named it does the same, with the secret from the environment or from standard input', async () => {
  await using server = await startOidcProvider()
  const args = ['--issuer', server.issuer, '--client-id', server.registrar.clientId]
  const all = ['GET 200', 'POST 200', 'POST 201', 'GET 200', 'PUT 200', 'DELETE 204']
  for (const given of [{ secret: 'password' }, { input: 'password\n' }]) {
    const before = server.requests.length
    const { code, out, error } = await runWalk(args, given)
    expect([code, error]).toEqual([0, ''])
    expect(headings(out)).toEqual(steps)
    expect(requestsOf(server).slice(before)).toEqual(all)
    for (const secret of [...server.secrets(), 'password']) expect(out).not.toContain(secret)
  }
  expect(server.clients()).toBe(0)
})

test('a client that authenticates by HTTP Basic, and open registration', async () => {
  await using closed = await startOidcProvider()
  const { clientId, clientSecret, authentication = '' } = closed.basicRegistrar
  const basic = ['--issuer', closed.issuer, '--client-id', clientId, '--authentication', authentication]
  expect(await runWalk(basic, { secret: clientSecret })).toMatchObject({ code: 0, error: '' })

  await using open = await startScriptedServer({}, { open: true, rotate: 'both' })
  const { code, out } = await runWalk(['--issuer', open.issuer])
  expect(code).toBe(0)
  expect(headings(out)).toEqual(steps.filter((step) => step !== 'Get an access token'))
  expect(open.clients()).toBe(0)
})

test('the ten lines that it prints at the end run as they stand', async () => {
  await using server = await startOidcProvider()
  const { out } = await runWalk(['--issuer', server.issuer, '--client-id', 'registerClient'], { secret: 'password' })
  const code = out.slice(out.indexOf('   import {')).trimEnd().replaceAll(/^ {3}/gm, '')
  expect(code.split('\n')).toHaveLength(10)
  const walked = server.requests.length

  const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
  const program = join(await folder(join(modules, '.walk-')), 'ten-lines.mjs')
  await writeFile(program, code)
  const run = await runProgram([program], { REGISTRANT_CLIENT_SECRET: 'password' })
  expect(run).toEqual({ code: 0, out: '', error: '' })
  expect(requestsOf(server).slice(walked)).toEqual(requestsOf(server).slice(0, walked))
})

test('when a step fails the client is deleted all the same', async () => {
  const update = { status: 500, body: { error: 'server_error' } }
  await using server = await startScriptedServer({ update }, { open: true })
  const { code, out, error } = await runWalk(['--issuer', server.issuer])
  expect(code).toBe(1)
  expect(error).toMatch(/^✗ The server answered 500 to the .*\n$/)
  expect(headings(out).at(-1)).toBe('Delete')
  expect(server.clients()).toBe(0)
})

test('a client that is left behind is named', async () => {
  await using server = await startScriptedServer({ delete: { status: 403 } }, { open: true })
  const { code, error } = await runWalk(['--issuer', server.issuer])
  expect(code).toBe(1)
  expect(error).toContain(`The client ${server.clientIds()[0]} still exists at the server`)
})

test('with the profile of SimpleIdServer an update is shown as refused, and the client is deleted at the right address', async () => {
  await using server = await startScriptedServer({
    register: (_, usual) => {
      const answer = usual()
      const client = server.registration(server.clientIds()[0] ?? '')
      return { ...answer, body: { ...client, registration_client_uri: `${server.url}/${client?.client_id}` } }
    },
  })
  const args = ['--issuer', server.issuer, '--client-id', 'registerClient', '--profile', 'simpleIdServer']
  const { code, out, error } = await runWalk(args, { secret: 'password' })
  expect([code, error]).toEqual([0, ''])
  expect(headings(out)).toEqual(steps)
  expect(out).toMatch(/refused, before anything was sent: SimpleIdServer does not read the JSON body of an update/)
  expect(requestsOf(server)).toEqual(['GET 200', 'POST 200', 'POST 201', 'GET 200', 'DELETE 204'])
  expect(server.clients()).toBe(0)
})
