import { expect, test } from 'vitest'

import { startSimpleIdServer } from '../servers/index.ts'
import { runWalk } from './run-walk.ts'

test.for([
  { version: 'rc1', realms: false },
  { version: 'rc1', realms: true },
  { version: 'head', realms: false },
  { version: 'head', realms: true },
] as const)(
  'the walk at SimpleIdServer $version, realms $realms: an update is refused, the client is deleted',
  async (setting) => {
    await using server = await startSimpleIdServer(setting)
    const args = ['--issuer', server.issuer, '--client-id', 'registerClient', '--profile', 'simpleIdServer']
    const { code, out, error } = await runWalk(args, { secret: 'password' })
    expect([code, error]).toEqual([0, ''])
    expect(out).toMatch(/refused, before anything was sent: SimpleIdServer does not read the JSON body of an update/)
    expect(out).toContain('["https://tmp.com"]')
    expect(server.requests.map(({ method }) => method).filter((method) => method !== 'GET')).toEqual([
      'POST',
      'POST',
      'DELETE',
    ])
    expect(server.clients()).toBe(0)
    for (const secret of [...server.secrets(), 'password']) expect(out).not.toContain(secret)
  },
)

test('with the profile alone it starts an emulator of SimpleIdServer', async () => {
  const { code, out, error } = await runWalk(['--profile', 'simpleIdServer'])
  expect([code, error]).toEqual([0, ''])
  expect(out).toContain('An emulator of SimpleIdServer runs inside this walk')
  expect(out).toContain('it held 0 clients at the end')
})

test('without the profile the wrong address is explained, and the client that stays is named', async () => {
  await using server = await startSimpleIdServer({ version: 'head', realms: true })
  const { code, error } = await runWalk(['--issuer', server.issuer, '--client-id', 'registerClient'], {
    secret: 'password',
  })
  expect(code).toBe(1)
  expect(error).toContain('--profile simpleIdServer')
  expect(error).toContain(`The client ${server.clientIds()[0]} still exists`)
})
