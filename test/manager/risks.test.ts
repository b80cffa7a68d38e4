import { memoryStore } from '@registrant/core'
import type { RegistrationStore } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { start } from './managed.ts'

const risk = { rule: 'saves-not-flushed', message: 'Redis flushes once a second.' }

test('what a store may lose is told once, as a warning', async () => {
  await using server = await startScriptedServer()
  let asked = 0
  const store: RegistrationStore = { ...memoryStore(), risks: async () => (asked++, [risk]) }
  const { manager, events } = start(server, store)
  await manager.ensure()
  await manager.rotate()
  await manager.close()
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { ...risk, type: 'warning', application: 'orders', at: expect.any(Number) },
  ])
  expect(asked).toBe(1)
})

test('a store that can’t say what it may lose disturbs nobody, and is not asked where nobody listens', async () => {
  await using server = await startScriptedServer()
  let asked = 0
  const store: RegistrationStore = {
    ...memoryStore(),
    risks() {
      asked++
      throw new Error('permission denied')
    },
  }
  const { manager } = start(server, store)
  expect((await manager.ensure()).client_id).toBeTypeOf('string')
  await manager.close()
  expect(asked).toBe(1)
  const silent = start(server, store, { onEvent: undefined })
  await silent.manager.rotate()
  expect(asked).toBe(1)
})

test('a manager that is closed lets its store give back what it keeps open', async () => {
  await using server = await startScriptedServer()
  let closed = 0
  const store: RegistrationStore = { ...memoryStore(), close: () => Promise.resolve(void closed++) }
  const { manager } = start(server, store)
  await manager.ensure()
  expect(closed).toBe(0)
  await manager.close()
  expect(closed).toBe(1)
})
