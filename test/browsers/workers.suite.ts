import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { call } from './bench.ts'
import type { Bench } from './bench.ts'
import { open } from './lab/lab.ts'

export function workers(bench: () => Bench): void {
  describe('a worker', () => {
    test('registers, and the page and its service worker have the same client', async () => {
      await using server = await startScriptedServer({}, { open: true, cors: true })
      const tab = await open(bench().browser, bench().lab)
      const wish = { issuer: server.issuer }
      const here = await tab.evaluate(call('lab.inWorker', wish))
      expect(here).toMatchObject({ client_id: server.clientIds()[0] })
      expect(await tab.evaluate(call('lab.visit', wish))).toMatchObject({
        client_id: server.clientIds()[0],
        events: [{ type: 'reused' }],
      })
      const there = await tab.evaluate(`lab.inServiceWorker('/service-worker.js', ${JSON.stringify(wish)})`)
      expect(there).toMatchObject({ client_id: server.clientIds()[0], events: [{ type: 'reused' }] })
      expect(server.clients()).toBe(1)
      await tab.close()
    })

    test('that serves the page registers when its code is one file', async () => {
      await using server = await startScriptedServer({}, { open: true, cors: true })
      const tab = await open(bench().browser, bench().lab)
      const wish = JSON.stringify({ issuer: server.issuer })
      const there = await tab.evaluate(`lab.inServiceWorker('/service-worker.js', ${wish})`)
      expect(server.clients()).toBe(1)
      expect(there).toMatchObject({ client_id: server.clientIds()[0] })
      await tab.close()
    })

    test('that serves the page and is in several files, which it may not load, says so and sends nothing', async () => {
      await using server = await startScriptedServer({}, { open: true, cors: true })
      const tab = await open(bench().browser, bench().lab)
      const wish = JSON.stringify({ issuer: server.issuer })
      const there = await tab.evaluate(`lab.inServiceWorker('/split-service-worker.js', ${wish})`)
      expect(there).toMatchObject({
        error: { code: 'transport', message: expect.stringContaining('could not be loaded') },
      })
      expect(server.requests).toEqual([])
      await tab.close()
    })
  })

  test('its storage keeps to everything that a store has to', async () => {
    const tab = await open(bench().browser, bench().lab)
    const { cases, failed } = Object(await tab.evaluate('lab.conformance()'))
    expect(failed).toEqual([])
    expect(cases).toBeGreaterThan(30)
    await tab.close()
  })
}
