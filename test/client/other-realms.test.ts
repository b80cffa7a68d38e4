import { runInNewContext } from 'node:vm'

import { RegistrationClient } from '@registrant/node'
import { expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const server = { issuer: 'https://as.example', registration_endpoint: 'https://as.example/register' }
const metadata = { redirect_uris: ['https://app.example/cb'] }

test('an error of another realm is told with its reason, and that nothing was sent', async () => {
  const foreign: unknown = runInNewContext(
    `Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('refused there'), { code: 'ECONNREFUSED' }) })`,
  )
  const client = new RegistrationClient({
    server,
    fetch: () => new Promise((_, reject) => reject(foreign)),
  })
  const error = await failure(client.register(metadata))
  expect(error).toMatchObject({ outcome: 'not-sent', cause: { code: 'ECONNREFUSED', message: 'refused there' } })
})

test('a signal of another make is listened to by its event, and keeps nothing once the time is over', async () => {
  const listeners = new Set<() => void>()
  const signal = {
    aborted: false,
    reason: { name: 'AbortError', message: 'left' },
    addEventListener: (_: string, listener: () => void) => void listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => void listeners.delete(listener),
  }
  const client = new RegistrationClient({ server, fetch: () => new Promise(() => undefined), timeout: 200 })
  // What a polyfill brings is no AbortSignal, and is given as one.
  const call = failure(client.register(metadata, Object({ signal })))
  await expect.poll(() => listeners.size).toBe(1)
  for (const listener of listeners) listener()
  expect((await call).message).toContain('The caller left')
  expect(listeners.size).toBe(0)
  expect((await failure(client.register(metadata, Object({ signal })))).message).toContain('time ran out')
  expect(listeners.size).toBe(0)
})

test('a token that no header can hold is told as that, and nothing was sent', async () => {
  const client = new RegistrationClient({ server, accessToken: 'secret-token\n\u2028' })
  const error = await failure(client.register(metadata))
  expect(error).toMatchObject({ outcome: 'not-sent' })
  expect(error.message).toContain('a header can not hold')
  expect(error.message).not.toContain('secret-token')
})
