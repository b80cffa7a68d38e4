import { channel } from 'node:diagnostics_channel'

import { InvalidRequestError, memoryStore, publishEvents, RegistrationManager } from '@registrant/node'
import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

test('whoever subscribes to a channel of this process hears what a manager does, all of it or one kind', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const heard: unknown[] = []
  const registered: unknown[] = []
  const hearAll = (event: unknown): void => void heard.push(event)
  const hearOne = (event: unknown): void => void registered.push(event)
  channel('registrant').subscribe(hearAll)
  channel('registrant:registered').subscribe(hearOne)
  const manager = new RegistrationManager({
    issuer: server.issuer,
    application: 'orders',
    metadata: { redirect_uris: ['https://app.example/callback'] },
    store: memoryStore(),
    onEvent: publishEvents,
  })
  const { client_id } = await manager.ensure()
  expect(registered).toMatchObject([{ type: 'registered', client_id, application: 'orders' }])
  expect(heard.map((event) => Reflect.get(Object(event), 'type'))).toEqual(
    expect.arrayContaining(['intent', 'request', 'registered']),
  )
  expect(channel('registrant').unsubscribe(hearAll)).toBe(true)
  await manager.forget()
  expect(heard.filter((event) => Reflect.get(Object(event), 'type') === 'orphan')).toEqual([])
})

test('a call in the place of the function says what was meant', () => {
  expect(() => Reflect.apply(publishEvents, undefined, [])).toThrow(InvalidRequestError)
  expect(() => Reflect.apply(publishEvents, undefined, [])).toThrow('onEvent: publishEvents')
})
