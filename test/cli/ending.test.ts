// How a command ends: by its result, by a signal, before an output that nobody reads, or not at all.
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { temporaryDirectory } from '../support/folders.ts'
import { program, registrant } from './run.ts'

const metadata = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }

/** A folder, a server that registers whoever asks, and a way to start a command and to do something to its process. */
async function openServer(options: Parameters<typeof startScriptedServer>[0] = {}, store = 'file:state') {
  const server = await startScriptedServer(options, { open: true })
  const folder = await temporaryDirectory()
  const env = {
    REGISTRANT_ISSUER: server.issuer,
    REGISTRANT_APPLICATION: 'orders',
    REGISTRANT_METADATA: JSON.stringify(metadata),
    REGISTRANT_STORE: store,
  }
  const start = (...args: string[]) => {
    const kept = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }
    return spawn(process.execPath, [program, ...args], { cwd: folder.path, env: { ...kept, ...env } })
  }
  return {
    server,
    folder,
    start,
    run: (...args: string[]) => registrant(args, { cwd: folder.path, env }),
    async [Symbol.asyncDispose]() {
      await server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function ended(child: ChildProcess): Promise<{ code: number | null; error: string }> {
  let error = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (error += text))
  const [code] = await once(child, 'close')
  return { code, error }
}

test('a configuration that never comes to an end is told, and fails', async () => {
  await using folder = await temporaryDirectory()
  const cwd = folder.path
  await writeFile(join(cwd, 'registrant.config.mjs'), 'await new Promise(() => {})\nexport default {}')
  for (const command of [['ensure'], ['doctor'], ['delete', '--yes']])
    expect(await registrant(command, { cwd })).toMatchObject({
      code: 1,
      out: '',
      error: '✗ It never came to an end: what registrant.config waits for does not happen.\n',
    })
  const { code, out } = await registrant(['ensure', '--json'], { cwd })
  expect([code, JSON.parse(out)]).toMatchObject([1, { exitCode: 1, error: { code: 'failed' } }])
})

test('what is printed before a pipe that nobody reads is lost, and nothing else is', async () => {
  await using place = await openServer()
  for (const command of [['help'], ['completion', 'bash'], ['ensure'], ['status', '--json']]) {
    const child = place.start(...command)
    child.stdout.destroy()
    expect(await ended(child)).toEqual({ code: 0, error: '' })
  }
  expect(place.server.clients()).toBe(1)
})

test('a note before a pipe that nobody reads keeps nobody from registering', async () => {
  await using place = await openServer()
  const { issuer } = place.server
  place.server.script({
    discovery: {
      body: { issuer, registration_endpoint: `${issuer}/register`, grant_types_supported: ['authorization_code'] },
    },
  })
  expect((await place.run('ensure')).error).toContain('grant_types')
  await place.run('forget', '--yes')
  const child = place.start('ensure')
  child.stderr.destroy()
  child.stdout.resume()
  const [code] = await once(child, 'close')
  expect([code, place.server.clients()]).toEqual([0, 2])
})

test.skipIf(process.platform !== 'linux')('an output that can not be written is a failure', async () => {
  const full = spawn('sh', ['-c', '"$@" > /dev/full', 'sh', process.execPath, program, 'help'])
  expect((await ended(full)).code).toBe(1)
})

test.skipIf(process.platform === 'win32').for([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGQUIT', 131],
  ['SIGTERM', 143],
] as const)('%s ends a command with %i, and a registration that is under way is kept', async ([signal, code]) => {
  let child: ChildProcess | undefined
  await using place = await openServer({
    register: async (_, usual) => {
      child?.kill(signal)
      await setTimeout(300)
      return usual()
    },
  })
  child = place.start('ensure')
  expect((await ended(child)).code).toBe(code)
  expect(place.server.clients()).toBe(1)
  expect((await place.run('status')).out).toContain(place.server.clientIds()[0])
})

test
  .skipIf(process.platform === 'win32')
  .for([['status'], ['delete', '--yes'], ['ensure', '--dry-run'], ['sweep'], ['doctor']])(
  'a signal ends %s while the store hangs',
  async (command) => {
    const mute = createServer((socket) => void socket.on('error', () => undefined))
    mute.listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const address = mute.address()
    if (typeof address !== 'object' || address === null) throw new Error('It does not listen')
    await using place = await openServer({}, `postgres://127.0.0.1:${address.port}/orders`)
    const child = place.start(...command)
    await once(mute, 'connection')
    child.kill('SIGINT')
    expect((await ended(child)).code).toBe(130)
    mute.close()
  },
)

describe.skipIf(process.platform === 'win32')('a signal ends what waits for somebody to write', () => {
  test.for([
    ['recover'],
    ['decode'],
    ['check', '-'],
    ['init', 'http://127.0.0.1:9', '--application=a', '--metadata=-'],
  ])('to standard input: %s', async (command) => {
    await using place = await openServer()
    const child = place.start(...command)
    // More than a pipe holds: it is read.
    await new Promise((resolve) => child.stdin.write(' '.repeat(1_000_000), resolve))
    child.kill('SIGINT')
    expect(await ended(child)).toEqual({ code: 130, error: '✗ SIGINT came\n' })
  })

  test('as a program that is the configuration and never comes to an end', async () => {
    await using place = await openServer()
    const text = 'console.error("begun"); setInterval(() => {}, 1000); await new Promise(() => {})\nexport default {}'
    await writeFile(join(place.folder.path, 'registrant.config.mjs'), text)
    const child = place.start('ensure')
    await once(child.stderr, 'data')
    child.kill('SIGTERM')
    expect((await ended(child)).code).toBe(143)
  })

  test('to a pipe that is a file, and without a signal what is written there is read whole', async () => {
    await using place = await openServer()
    const path = join(place.folder.path, 'pipe')
    spawnSync('mkfifo', [path])
    const child = place.start('recover', 'pipe')
    await using writer = await open(path, 'w')
    await writer.write(' '.repeat(1_000_000))
    await writer.write('{ "client_id": "known" }')
    await writer.close()
    expect(await ended(child)).toEqual({ code: 0, error: '' })
    expect((await place.run('status')).out).toContain('known')
  })

  test.for([
    ['of a client', ['recover', 'pipe'], {}],
    ['of a key', ['status'], { storeKeyFile: './pipe' }],
  ] as const)('to a pipe that is the file %s', async ([, command, config]) => {
    await using place = await openServer()
    const path = join(place.folder.path, 'pipe')
    spawnSync('mkfifo', [path])
    await writeFile(join(place.folder.path, 'registrant.config.json'), JSON.stringify(config))
    const child = place.start(...command)
    await using writer = await open(path, 'w')
    expect(writer.fd).toBeGreaterThan(0)
    child.kill('SIGTERM')
    // Elsewhere the process ends by the signal itself, which the first process of a container would not: a shell tells 143, too.
    expect(await once(child, 'close')).toEqual(process.platform === 'linux' ? [143, null] : [null, 'SIGTERM'])
  })
})
