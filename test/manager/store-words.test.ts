import { inspect } from 'node:util'

import type { RegistrationStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { OpenStore, start } from './managed.ts'

const logins = [
  'connect ETIMEDOUT mongodb+srv://orders:pass-word@db.example/registrations?authSource=admin',
  'no host: postgres://orders:a/pass-word#of@letters@db.example:5432/orders',
  'getaddrinfo ENOTFOUND redis://:pass-word@cache.example',
  'refused by https://bucket.example/orders?X-Amz-Signature=pass-word&X-Amz-Date=1',
  "can't connect with host=db.example user=orders password=pass-word sslmode=require",
  'Server=db.example;User Id=orders;Password=pass-word;',
  'config {"user": "orders", "password": "pass-word", "host": "db.example"}',
  'AccountName=orders;AccountKey=pass-word==;EndpointSuffix=example',
]

test.for(logins)('what a store says of its engine shows nobody how to log in: %s', async (said) => {
  await using server = await startScriptedServer()
  const store: RegistrationStore = {
    load: () => Promise.reject(Object.assign(new Error(said), { code: 'ESTORE', config: { password: 'pass-word' } })),
    save: () => Promise.reject(new Error(said)),
  }
  const { manager, events } = start(server, store)
  const error = await failure(manager.ensure())
  expect(error).toMatchObject({ code: 'store-unavailable', cause: { code: 'ESTORE' } })
  expect(error.message).toMatch(/example|connect/)
  expect(inspect([error, error.toJSON(), events], { depth: 9, showHidden: true })).not.toContain('pass-word')
})

test('a login that a store tells after very much else, or that is longer than anybody reads, is not shown', async () => {
  await using server = await startScriptedServer()
  for (const word of ['', 'x'.repeat(5000)]) {
    const said = `no host, ${'and none, '.repeat(word === '' ? 405 : 1)} redis://:pass-word${word}@cache.example`
    const store: RegistrationStore = { load: () => Promise.reject(new Error(said)), save: async () => false }
    const { manager, events } = start(server, store)
    const error = await failure(manager.ensure())
    expect(error.message).toContain('no host, and none,')
    expect(inspect([error, error.toJSON(), events], { depth: 9, showHidden: true })).not.toMatch(/pass-word|redacted/)
  }
})

test('what a store repeats of the record that it was to save is struck out of errors, events, status and record', async () => {
  const listed = 'a-secret-of-a-list'
  const client_secrets = [{ value: listed }]
  await using server = await startScriptedServer(
    { register: (_, usual) => ({ ...usual(), body: { ...Object(usual().body), client_secrets } }) },
    { rotate: 'both' },
  )
  const store = new OpenStore()
  const talkative: RegistrationStore = {
    load: (key) => store.load(key),
    async save(key, value, expected) {
      const { registration }: { registration?: Record<string, unknown> } = JSON.parse(value)
      if (registration === undefined) return store.save(key, value, expected)
      const { client_secret, registration_access_token } = registration
      const part = JSON.stringify([client_secret, registration_access_token, registration['client_secrets']])
      throw Object.assign(new Error(`INSERT failed near ${part}`), { parameters: [value], name: part, code: part })
    },
  }
  const { manager, events } = start(server, talkative)
  const error = await failure(manager.ensure())
  const shown = inspect([error, error.toJSON(), events, await manager.status().catch((it: unknown) => it)], {
    depth: 9,
    showHidden: true,
  })
  const [client = ''] = server.clientIds()
  const { client_secret, registration_access_token }: Record<string, unknown> = server.registration(client) ?? {}
  expect(error.message).toContain('INSERT failed')
  for (const secret of [client_secret, registration_access_token, listed]) {
    expect(secret).toBeTypeOf('string')
    expect(shown).not.toContain(secret)
  }
})

for (const shown of [null, {}, 'text', { value: 5, version: '1' }, { value: '{}', version: 1 }])
  test(`a store whose load returns ${JSON.stringify(shown)} is told what it should return`, async () => {
    await using server = await startScriptedServer()
    const store: RegistrationStore = { load: async () => JSON.parse(JSON.stringify(shown)), save: async () => 'saved' }
    const error = await failure(start(server, store).manager.ensure())
    expect(error).toMatchObject({ code: 'store-unavailable', outcome: 'not-sent' })
    expect(error.message).toContain('its load returned neither a value with its version nor undefined')
    expect(server.requests).toEqual([])
  })
