import { startScriptedServer } from '@registrant/test/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { servePage } from './page.ts'
import type { Page } from './page.ts'
import { browsers } from './start.ts'
import { eventually } from './tab.ts'
import type { Browser } from './tab.ts'

const registered = `document.querySelector('#state').dataset.state === 'registered' && document.querySelector('#client-id').textContent`

describe.each(browsers)('in $name', { timeout: 120_000 }, ({ start }) => {
  let page: Page
  let browser: Browser
  beforeAll(async () => {
    page = await servePage()
    browser = await start()
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await page.close()
  })

  test('twenty tabs that open at once make one client, five times out of five', async () => {
    const tabs = await Promise.all(Array.from({ length: 20 }, () => browser.newTab()))
    for (let round = 0; round < 5; round++) {
      await using server = await startScriptedServer({}, { open: true, cors: true })
      const address = page.at(server.issuer)
      await Promise.all(tabs.map((tab) => tab.goto(address)))
      const clients = await Promise.all(tabs.map((tab) => eventually(tab, registered)))
      expect(new Set(clients)).toEqual(new Set(server.clientIds()))
      expect(server.clients()).toBe(1)
      expect(server.requestsTo('register')).toHaveLength(1)
    }
    await Promise.all(tabs.map((tab) => tab.close()))
  })

  test('a tab that closes in the middle of its registration is succeeded at once, although its lease is a minute', async () => {
    let asked = 0
    await using server = await startScriptedServer(
      { register: (_, usual) => (asked++ === 0 ? { delay: Infinity } : usual()) },
      { open: true, cors: true },
    )
    const address = page.at(server.issuer, { timeout: 50_000, lease: 60_000 })
    const owner = await browser.newTab()
    await owner.goto(address)
    await until(() => asked === 1)
    const heir = await browser.newTab()
    await heir.goto(address)
    const closed = performance.now()
    await owner.close()
    expect(await eventually(heir, registered)).toBe(server.clientIds()[0])
    console.log(`${browser.name}: taken over after ${Math.round(performance.now() - closed)} ms`)
    expect(server.clients()).toBe(1)
    await heir.close()
  })

  test('a returning visit makes no request, and works while the server is down', async () => {
    const server = await startScriptedServer({}, { open: true, cors: true })
    const first = await browser.newTab()
    await first.goto(page.at(server.issuer))
    const client = await eventually(first, registered)
    await first.close()
    await server.close()
    const later = await browser.newTab()
    await later.goto(page.at(server.issuer))
    expect(await eventually(later, registered)).toBe(client)
    await later.close()
  })

  test('a changed declaration registers anew, and the other tabs learn of it', async () => {
    await using server = await startScriptedServer({}, { open: true, cors: true })
    const tab = await browser.newTab()
    await tab.goto(page.at(server.issuer))
    const before = await eventually(tab, registered)
    await tab.evaluate(`document.querySelector('#change').click()`)
    const after = await eventually(tab, `${registered} !== ${JSON.stringify(before)} && ${registered}`)
    expect(server.clientIds()).toContain(after)
    expect(await tab.evaluate(`document.querySelector('#events').innerText`)).toContain(
      [after, 'replaces', before].join(' '),
    )
    await tab.evaluate('localStorage.clear()')
    await tab.close()
  })

  test('a strict content security policy is never violated, although violations are reported', async () => {
    const reportedBefore = page.violations.length
    expect(reportedBefore).toBe(0)
    const tab = await browser.newTab()
    await tab.goto(page.at('https://as.example'))
    // The policy lets the page ask loopback servers alone, so this one question is a violation.
    await until(() => page.violations.length > 0)
    expect(page.violations.join()).toContain('connect-src')
    expect(page.violations.join()).not.toContain('script-src')
    await tab.close()
  })
})

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > end) throw new Error('It did not happen within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
