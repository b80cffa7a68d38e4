import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { call } from './bench.ts'
import type { Bench } from './bench.ts'
import { open } from './lab/lab.ts'

/** A page is offline, or was redeployed, from the moment at which its registration arrives. */
export function noMoreCode(bench: () => Bench): void {
  const visit = async (answer: (usual: () => Answer) => Answer): Promise<{ clients: number; visited: unknown }> => {
    const { browser, lab } = bench()
    await using server = await startScriptedServer(
      {
        register: (_, usual) => {
          lab.gone = true
          return answer(usual)
        },
      },
      { open: true, cors: true },
    )
    const tab = await open(browser, lab)
    try {
      const visited = await tab.evaluate(call('lab.visit', { issuer: server.issuer }))
      return { visited, clients: server.clients() }
    } finally {
      lab.gone = false
      await tab.close()
    }
  }

  describe('a page that can load no more code while the server is asked', () => {
    test('registers all the same', async () => {
      const { visited, clients } = await visit((usual) => usual())
      expect(visited).toMatchObject({ client_id: expect.any(String) })
      expect(clients).toBe(1)
    })

    test('says that it was refused, if not why', async () => {
      const { visited, clients } = await visit(() => ({ status: 400, body: { error: 'invalid_redirect_uri' } }))
      expect(visited).toMatchObject({ error: { code: 'server-refused', message: expect.stringContaining('400') } })
      expect(clients).toBe(0)
    })

    test('does not say that nothing happened where a success can not be read', async () => {
      const { visited } = await visit((usual) => ({ ...usual(), body: 'It is done.' }))
      expect(visited).toMatchObject({ error: { code: 'unexpected-answer', outcome: 'accepted' } })
    })

    test('does not say that nothing happened where the answer is lost', async () => {
      const { visited, clients } = await visit((usual) => ({ ...usual(), lost: 'after' }))
      expect(visited).toMatchObject({ error: { code: 'transport', outcome: 'unknown' } })
      // Chromium and Firefox send a request again by themselves where a connection breaks that they used before.
      expect(clients).toBeGreaterThan(0)
    })
  })
}
