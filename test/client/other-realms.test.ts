import { runInNewContext } from 'node:vm'

import { memoryStore, RegistrationClient, RegistrationManager } from '@registrant/node'
import { expect, test, vi } from 'vitest'

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

const unseen = (): never => {
  throw new Error('nobody may look')
}
const nearly = { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined }

test.for<[string, object]>([
  ['can not be left alone again', { ...nearly, removeEventListener: undefined }],
  ['throws when it is listened to', { ...nearly, addEventListener: unseen }],
  ['does not say whether it aborted', new EventTarget()],
  ['throws when it is asked whether it aborted', Object.defineProperty({ ...nearly }, 'aborted', { get: unseen })],
  ['throws when it is asked why', Object.defineProperty({ ...nearly, aborted: true }, 'reason', { get: unseen })],
])('a signal that %s is named, whatever is called with it', async ([, signal]) => {
  const fetch = vi.fn<() => never>(unseen)
  const options = { server, fetch, application: 'a', metadata, store: memoryStore() }
  const manager = new RegistrationManager(options)
  const client = new RegistrationClient(options)
  const call = Object({ signal })
  for (const made of [
    () => client.register(metadata, call),
    () => client.discover(call),
    () => manager.ensure(call),
    () => manager.status(call),
    () => manager.rotate(call),
    () => manager.watch(call).next(),
    () => manager.close(call),
  ])
    expect((await failure(made())).message).toContain('signal: It must be an AbortSignal')
  expect(fetch).not.toHaveBeenCalled()
})

test('a token that no header can hold is told as that, and nothing was sent', async () => {
  const client = new RegistrationClient({ server, accessToken: 'secret-token\n\u2028' })
  const error = await failure(client.register(metadata))
  expect(error).toMatchObject({ outcome: 'not-sent' })
  expect(error.message).toContain('a header can not hold')
  expect(error.message).not.toContain('secret-token')
})
