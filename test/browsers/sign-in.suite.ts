import { fileURLToPath } from 'node:url'

import { startOidcProvider } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { startMcpServer } from '../handover/mcp-server.ts'
import type { Bench } from './bench.ts'
import { serveSite } from './site.ts'
import { eventually } from './tab.ts'
import type { Tab } from './tab.ts'

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const shown = (text: string): string => `document.querySelector('output')?.textContent?.includes('${text}')`
const logIn = `document.querySelector('button').click()`

/** A tab that is asked while it goes from page to page, which leaves a question without an answer. */
const onItsWay = (tab: Tab): Tab => ({
  ...tab,
  evaluate: (expression) =>
    tab.evaluate(expression).catch((error: unknown) => {
      if (!String(error).includes('Execution context was destroyed')) throw error
    }),
})

/** Pages that sign a user in, and are the same client at each visit. */
export function signIn(bench: () => Bench): void {
  describe('the page of the recipes that registers and logs in', () => {
    test('is one client for all visits', async () => {
      await using server = await startOidcProvider({ open: true })
      await using site = await serveSite(folder('../../docs/examples/login-page'))
      for (let visit = 0; visit < 2; visit++) {
        const tab = await bench().browser.newTab()
        await tab.goto(`${site.url}/?issuer=${server.issuer}`)
        await eventually(tab, shown(`registered: ${server.clientIds()[0] ?? ''}`))
        await tab.evaluate(logIn)
        await eventually(tab, shown('logged in'))
        await tab.close()
      }
      expect(server.clients()).toBe(1)
    })

    test('makes no client where a newer release has laid out the storage, and says so', async () => {
      await using server = await startOidcProvider({ open: true })
      await using site = await serveSite(folder('../../docs/examples/login-page'))
      const tab = await bench().browser.newTab()
      await tab.goto(`${site.url}/callback.html`)
      await tab.evaluate(`new Promise((resolve) => {
        const asked = indexedDB.open('registrant', 1000)
        asked.onsuccess = () => { asked.result.close(); resolve() }
      })`)
      await tab.goto(`${site.url}/?issuer=${server.issuer}`)
      await eventually(tab, shown('A newer release'))
      await tab.close()
      expect(server.clients()).toBe(0)
    })

    test('logs in where the browser keeps nothing for it, too', async () => {
      await using server = await startOidcProvider({ open: true })
      await using site = await serveSite(folder('../../docs/examples/login-page'))
      const tab = await bench().browser.newTab()
      await tab.block?.()
      await tab.goto(`${site.url}/?issuer=${server.issuer}`)
      await eventually(tab, shown('registered: '))
      await tab.evaluate(logIn)
      await eventually(tab, shown('logged in'))
      await tab.close()
      expect(server.clients()).toBe(1)
    })
  })

  test('an MCP client in a page signs in, and starts again without registering again', async () => {
    await using server = await startOidcProvider({ open: true })
    const isGood = async (token: string): Promise<boolean> =>
      (await server.provider.AccessToken.find(token)) !== undefined
    await using mcp = await startMcpServer(server.issuer, isGood)
    await using site = await serveSite(folder('mcp-page'))
    for (let visit = 0; visit < 2; visit++) {
      const tab = await bench().browser.newTab()
      await tab.goto(`${site.url}/?mcp=${mcp.url.href}`)
      await eventually(onItsWay(tab), shown('list-orders'))
      expect(await tab.evaluate('sessionStorage.getItem("discovery")')).toContain(server.issuer)
      await tab.close()
    }
    expect(server.clients()).toBe(1)
    expect(server.requestsTo('register').filter(({ method }) => method === 'POST')).toHaveLength(1)
  })
}
