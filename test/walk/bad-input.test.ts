import { createServer } from 'node:net'

import { describe, expect, test } from 'vitest'

import { canary, startOidcProvider, startScriptedServer } from '../servers/index.ts'
import { runWalk } from './run-walk.ts'
import type { Ended } from './run-walk.ts'

/** One sentence or two, exit code 1, no stack trace, and no secret anywhere. */
function expectSentence({ code, out, error }: Ended, sentence: RegExp, secret = 'password'): void {
  expect(error).toMatch(sentence)
  expect(error).toMatch(/^✗ [^\n]+\.\n$|^✗ [^\n]+\?\n$/)
  expect(code).toBe(1)
  expect(out + error).not.toMatch(/^\s+at .*:\d+|node:internal/m)
  expect(out + error).not.toContain(secret)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a port was asked for')
  return address.port
}

describe('ends with a sentence that says what to do', () => {
  test('when nothing listens at the address', async () => {
    const ended = await runWalk(['--issuer', `http://127.0.0.1:${await freePort()}`])
    expectSentence(ended, /ECONNREFUSED.*Is the server running, and is its address spelled right\?/)
  })

  test('when there is no such host', async () => {
    expectSentence(await runWalk(['--issuer', 'https://no-such-host.invalid']), /no-such-host\.invalid.*Is the server/)
  })

  test('when it is no authorization server', async () => {
    await using server = await startScriptedServer({
      discovery: { headers: { 'content-type': 'text/html' }, body: '<html><title>Welcome</title></html>' },
    })
    const ended = await runWalk(['--issuer', server.url])
    expectSentence(ended, /No authorization server metadata was found.*\/\.well-known\/openid-configuration/)
  })

  test('when it is another issuer', async () => {
    await using server = await startScriptedServer({}, { metadata: { issuer: 'https://other.example' } })
    expectSentence(await runWalk(['--issuer', server.url]), /https:\/\/other\.example/)
  })

  test('when the server registers nobody', async () => {
    await using server = await startScriptedServer({}, { metadata: { registration_endpoint: undefined } })
    expectSentence(await runWalk(['--issuer', server.url]), /names no registration_endpoint/)
  })

  test('when the secret is wrong', async () => {
    await using server = await startOidcProvider()
    const secret = canary()
    const ended = await runWalk(['--issuer', server.issuer, '--client-id', 'registerClient'], { secret })
    expectSentence(ended, /invalid_client.*--client-id, REGISTRANT_CLIENT_SECRET and --authentication/, secret)
    expect(server.clients()).toBe(0)
  })

  test('when a token is needed and no client named', async () => {
    await using server = await startOidcProvider()
    expectSentence(await runWalk(['--issuer', server.issuer]), /401.*--client-id/)
  })

  test('when the registration can not be managed', async () => {
    await using server = await startScriptedServer(
      { register: { status: 201, body: { client_id: 'unmanaged' } } },
      { open: true },
    )
    expectSentence(await runWalk(['--issuer', server.issuer]), /no token to manage.*unmanaged stays/)
  })

  test.for<[string, string[], RegExp]>([
    ['an unknown option', ['--isuer', 'https://as.example'], /--isuer.*--help/],
    ['an issuer that is no address', ['--issuer', 'as.example'], /as\.example is no address/],
    ['an issuer without TLS', ['--issuer', 'http://as.example'], /https/],
    ['a client without a server', ['--client-id', 'orders'], /--issuer/],
    ['an unknown profile', ['--issuer', 'https://as.example', '--profile', 'key-cloak'], /keycloak.*simpleIdServer/],
    ['an unknown authentication', ['--authentication', 'tls'], /client_secret_post or client_secret_basic/],
    ['no secret at all', ['--issuer', 'https://as.example', '--client-id', 'orders'], /REGISTRANT_CLIENT_SECRET/],
    ['a secret among the arguments', ['--client-secret', 'hunter2-hunter2'], /REGISTRANT_CLIENT_SECRET/],
  ])('on %s', async ([, args, sentence]) => {
    expectSentence(await runWalk(args), sentence, 'hunter2')
  })

  test('and with help when asked for it', async () => {
    const { code, out, error } = await runWalk(['--help'])
    expect([code, error]).toEqual([0, ''])
    expect(out).toContain('--issuer URL')
  })
})
