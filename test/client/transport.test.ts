import { execFile } from 'node:child_process'
import { createServer } from 'node:https'
import { createServer as createTcpServer } from 'node:net'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'

import { RegistrationClient } from '@registrant/node'
import type { ClientOptions, RegistrationError } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test, vi } from 'vitest'

import { throwawayAuthority } from '../support/authority.ts'
import { failure } from '../support/failure.ts'
import { stopwatch } from '../support/stopwatch.ts'

const metadata = { redirect_uris: ['https://app.example/cb'] }
const server = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' }
const created = (): Response => Response.json({ client_id: 'c' }, { status: 201 })

/** What a registration fails with whose requests this function sends. */
const failureWith = (
  fetch: NonNullable<ClientOptions['fetch']>,
  options: { timeout?: number; signal?: AbortSignal } = {},
): Promise<RegistrationError> =>
  failure(new RegistrationClient({ server, fetch, timeout: options.timeout ?? 1000 }).register(metadata, options))

/** An error of the platform, as `fetch` throws it. */
const failed = (code: string, syscall?: string): TypeError =>
  new TypeError('fetch failed', {
    cause: Object.assign(new Error(`it was ${code}`), { code }, syscall === undefined ? {} : { syscall }),
  })

/** Listens for connections that speak no HTTP. */
async function listening(meet: (socket: Socket) => void): Promise<AsyncDisposable & { port: number }> {
  const tcp = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    meet(socket)
  })
  await new Promise<void>((resolve) => void tcp.listen(0, '127.0.0.1', resolve))
  const address = tcp.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => void tcp.close(() => resolve())) }
}

describe('that nothing was sent is said where it is certain, and only there', () => {
  test.for([
    ['ECONNREFUSED', 'connect'],
    ['ENOTFOUND', 'getaddrinfo'],
    ['EAI_AGAIN', 'getaddrinfo'],
    ['EHOSTUNREACH', 'connect'],
    ['ECONNRESET', 'connect'],
    ['ETIMEDOUT', 'connect'],
    ['UND_ERR_CONNECT_TIMEOUT', undefined],
    ['CERT_HAS_EXPIRED', undefined],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined],
    ['SELF_SIGNED_CERT_IN_CHAIN', undefined],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined],
    ['ERR_TLS_CERT_ALTNAME_INVALID', undefined],
  ] as const)('%s: not-sent', async ([code, syscall]) => {
    const error = await failureWith(() => Promise.reject(failed(code, syscall)))
    expect(error).toMatchObject({ code: 'transport', outcome: 'not-sent', cause: { code, message: `it was ${code}` } })
    expect(error.message).toContain('Nothing was sent.')
  })

  test.for([
    ['ECONNRESET', 'read'],
    ['EPIPE', 'write'],
    ['ETIMEDOUT', 'read'],
    ['EHOSTUNREACH', 'read'],
    ['ENETDOWN', 'write'],
    ['EPROTO', 'write'],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', undefined],
    ['ERR_SSL_WRONG_VERSION_NUMBER', undefined],
    ['UND_ERR_SOCKET', undefined],
    ['UND_ERR_HEADERS_TIMEOUT', undefined],
    ['HPE_INVALID_CONSTANT', undefined],
  ] as const)('%s: unknown', async ([code, syscall]) => {
    const error = await failureWith(() => Promise.reject(failed(code, syscall)))
    expect(error).toMatchObject({ code: 'transport', outcome: 'unknown', cause: { code } })
    expect(error.message).toContain('may have acted')
  })

  test('a port that no fetch asks is sent nothing', async () => {
    const blocked = { issuer: 'http://127.0.0.1:1', registration_endpoint: 'http://127.0.0.1:1/register' }
    const error = await failure(new RegistrationClient({ server: blocked }).register(metadata))
    expect(error).toMatchObject({ code: 'transport', outcome: 'not-sent', cause: { message: 'bad port' } })
  })

  test('a server whose certificate nobody trusts is sent nothing', async () => {
    const asked: unknown[] = []
    const https = createServer(await (await throwawayAuthority()).server(), (request) => asked.push(request.url))
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve))
    const address = https.address()
    const port = typeof address === 'object' ? address?.port : 0
    const client = new RegistrationClient({
      server: { issuer: 'https://as.example', registration_endpoint: `https://127.0.0.1:${port}/register` },
    })
    const error = await failure(client.register(metadata))
    https.closeAllConnections()
    await new Promise((resolve) => https.close(resolve))
    expect(error).toMatchObject({ code: 'transport', outcome: 'not-sent' })
    expect(error.message).toContain('NODE_EXTRA_CA_CERTS')
    expect(asked).toEqual([])
  })

  const alert = (what: number): Buffer => Buffer.from([0x15, 3, 3, 0, 2, 2, what])
  test.for<[what: string, answer: Buffer | string, outcome: string]>([
    ['closes the connection', '', 'not-sent'],
    ['speaks plain HTTP', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n', 'not-sent'],
    ['says that it does not speak this version', alert(70), 'not-sent'],
    ['says that it does not know the name', alert(112), 'not-sent'],
    // A server says that of a client's certificate too, when the request may have left.
    ['says that it can agree to nothing', alert(40), 'unknown'],
  ])('to a TLS greeting, a server that %s: %s', async ([, answer, outcome]) => {
    await using tcp = await listening((socket) => socket.once('data', () => socket.end(answer)))
    const https = { issuer: 'https://as.example', registration_endpoint: `https://127.0.0.1:${tcp.port}/register` }
    const error = await failure(new RegistrationClient({ server: https }).register(metadata))
    expect(error).toMatchObject({ code: 'transport', outcome })
  })

  test('a server behind a proxy that makes no tunnel is sent nothing', async () => {
    await using proxy = await listening((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n')),
    )
    const program = `
      import { RegistrationClient } from '@registrant/node'
      const server = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' }
      const { code, outcome } = await new RegistrationClient({ server }).register(${JSON.stringify(metadata)}).catch((it) => it)
      console.log(code, outcome)`
    const proxied = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '' }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      env: { ...process.env, ...proxied },
      timeout: 20_000,
    })
    expect(stdout).toBe('transport not-sent\n')
  })

  test('a name that does not exist is sent nothing', async () => {
    const client = new RegistrationClient({
      server: { issuer: 'https://as.example', registration_endpoint: 'https://as.invalid/register' },
    })
    expect(await failure(client.register(metadata))).toMatchObject({ code: 'transport', outcome: 'not-sent' })
  })
})

describe('whatever the fetch of the caller does', () => {
  test.for([
    ['throws a text', () => Promise.reject('no')],
    ['throws nothing', () => Promise.reject(undefined)],
    ['throws an object without a prototype', () => Promise.reject(Object.create(null))],
    [
      'throws an error without an end of causes',
      () => {
        const error = new Error('round')
        error.cause = error
        return Promise.reject(error)
      },
    ],
    ['answers with a failure', () => Promise.resolve(Response.error())],
  ] as const)('one that %s ends in an error of ours', async ([, fetch]) => {
    const error = await failureWith(fetch)
    expect(error).toMatchObject({ code: 'transport', outcome: 'unknown' })
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('one that never answers and does not heed the signal ends at the deadline', async () => {
    using watch = stopwatch()
    const error = await failureWith(() => new Promise(() => undefined), { timeout: 200 })
    expect(error).toMatchObject({ code: 'transport', outcome: 'unknown', cause: { message: 'time ran out' } })
    expect(watch.ms).toBeLessThan(1500)
  })

  test('one whose body never ends and does not heed the signal ends at the deadline', async () => {
    const endless = (): Promise<Response> => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{"client_id":"c1",')),
      })
      return Promise.resolve(new Response(body, { status: 201 }))
    }
    const error = await failureWith(endless, { timeout: 200 })
    expect(error).toMatchObject({ code: 'unexpected-answer', outcome: 'accepted', client_id: 'c1' })
  })

  test.for<[string, object | undefined]>([
    ['nothing', undefined],
    [
      'a body whose cancel returns no promise',
      { status: 201, body: { getReader: () => ({}), cancel: () => undefined } },
    ],
    [
      'a body whose cancel fails',
      { status: 201, body: { getReader: () => ({}), cancel: () => Promise.reject(new Error('no')) } },
    ],
  ])('one that brings %s when its time is over already ends no process', async ([, late]) => {
    const unhandled = vi.fn<(error: unknown) => void>()
    process.on('unhandledRejection', unhandled)
    let bring: (late: unknown) => void = () => undefined
    // What wrappers bring is no Response to a compiler.
    const fetch: () => Promise<never> = () => new Promise<never>((resolve) => (bring = Object(resolve)))
    expect(await failureWith(fetch, { timeout: 100 })).toMatchObject({ code: 'transport', outcome: 'unknown' })
    bring(late)
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('it is asked with an address and plain options, which hold what is sent', async () => {
    let seen: unknown
    const client = new RegistrationClient({
      server,
      accessToken: 'a-token',
      fetch: async (input, init) => {
        seen = [
          input,
          init?.method,
          init?.redirect,
          init?.credentials,
          init?.cache,
          new Headers(init?.headers).get('authorization'),
          init?.body,
        ]
        return created()
      },
    })
    await client.register(metadata)
    expect(seen).toEqual([
      server.registration_endpoint,
      'POST',
      'manual',
      'omit',
      'no-store',
      'Bearer a-token',
      JSON.stringify(metadata),
    ])
  })
})

describe('a caller who leaves', () => {
  test('before anything was sent gets not-sent, and nothing is sent', async () => {
    let asked = 0
    const error = await failureWith(
      async () => {
        asked++
        return created()
      },
      { signal: AbortSignal.abort() },
    )
    expect(error).toMatchObject({ code: 'aborted', outcome: 'not-sent' })
    expect(asked).toBe(0)
  })

  test.for([
    ['a text', 'enough'],
    ['an error', new Error('enough')],
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('enough')],
    ['nothing', undefined],
  ] as const)('in the middle gets unknown, whatever the reason is: %s', async ([, reason]) => {
    await using slow = await startScriptedServer({ register: { delay: Infinity } }, { open: true })
    const controller = new AbortController()
    const client = new RegistrationClient({ issuer: slow.issuer, timeout: 5000 })
    await client.discover()
    const call = failure(client.register(metadata, { signal: controller.signal }))
    for (let waited = 0; waited < 200 && slow.requestsTo('register').length === 0; waited++)
      await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort(reason)
    expect(await call).toMatchObject({ code: 'aborted', outcome: 'unknown' })
    expect(slow.requestsTo('register')).toHaveLength(1)
  })
})

test('256 KiB that are made to be slow to judge are judged at once', async () => {
  const size = 256 * 1024
  const fill = (text: string): string => text.repeat(Math.ceil(size / text.length)).slice(0, size)
  const texts = ['[', '{"a":', '"client_id":"', ' ', '&#', '%61', '<title', 'a', '\\u0061'].map(fill)
  for (const text of texts) {
    for (const status of [201, 400]) {
      const accessToken = 'a'.repeat(4000)
      const fetch = (): Promise<Response> =>
        Promise.resolve(new Response(text, { status, headers: { 'www-authenticate': fill('error="').slice(0, 8000) } }))
      const client = new RegistrationClient({ server, accessToken, fetch })
      const before = process.cpuUsage()
      await failure(client.register(metadata))
      // It takes 20 to 40 ms; anything that grows with the square of the size takes seconds.
      expect(process.cpuUsage(before).user / 1000, text.slice(0, 20)).toBeLessThan(1000)
    }
  }
})

test('an operation may have a part of a millisecond', async () => {
  await using open = await startScriptedServer({}, { open: true })
  const client = new RegistrationClient({ issuer: open.issuer, timeout: 20_000 / 3 })
  expect(await client.register(metadata)).toHaveProperty('client_id')
})
