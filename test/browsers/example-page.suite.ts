import { startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { until } from './bench.ts'
import type { Bench } from './bench.ts'
import { eventually } from './tab.ts'
import { openAtOnce, registered } from './tabs.ts'

/** `npm run test:endurance -- tabs` opens them five times. */
export function twentyTabs(bench: () => Bench): void {
  test('twenty tabs that open at once make one client', async () => {
    const { browser, page } = bench()
    const rounds = await openAtOnce(browser, page, { tabs: 20, rounds: 1 })
    expect(rounds).toEqual([{ agree: 20, clients: 1, registrations: 1 }])
  })
}

export function examplePage(bench: () => Bench): void {
  test('a tab that closes in the middle of its registration is succeeded at once, although its lease is a minute', async () => {
    const { browser, page } = bench()
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

  test('it fits the screen of a telephone and that of a desk', async () => {
    const { browser, page } = bench()
    await using server = await startScriptedServer({}, { open: true, cors: true })
    const tab = await browser.newTab()
    await tab.goto(page.at(server.issuer))
    await eventually(tab, registered)
    for (const width of [320, 375, 1280]) {
      // A frame of its own origin is a window of that width to the page in it.
      await tab.evaluate(`void document.body.replaceChildren(Object.assign(document.createElement('iframe'),
        { src: location.href, width: ${width}, height: 700, frameBorder: 0 }))`)
      await eventually(
        tab,
        `document.querySelector('iframe').contentDocument.querySelector('[data-state=registered]') && 1`,
      )
      // A layout of before the frame had its width may be measured once.
      const taken = `Math.max(document.querySelector('iframe').contentWindow.innerWidth,
        document.querySelector('iframe').contentDocument.documentElement.scrollWidth)`
      await expect.poll(() => tab.evaluate(taken), { timeout: 10_000 }).toBe(width)
    }
    await tab.close()
  })

  test('a returning visit makes no request, and works while the server is down', async () => {
    const { browser, page } = bench()
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
    const { browser, page } = bench()
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
}
