import { startScriptedServer } from '@registrant/test/servers'
import type { ScriptedServer } from '@registrant/test/servers'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { call, until } from './bench.ts'
import type { Bench } from './bench.ts'
import { open } from './lab/lab.ts'
import { eventually } from './tab.ts'
import type { Tab } from './tab.ts'

const client = 'lab.outcome && (lab.outcome.client_id || JSON.stringify(lab.outcome))'

/** A server that never answers the first registration. */
const silentOnce = (): Promise<ScriptedServer> =>
  startScriptedServer({ register: [{ delay: Infinity }] }, { open: true, cors: true })

export function deaths(bench: () => Bench): void {
  test('without Web Locks five tabs at once make one client', async () => {
    await using server = await startScriptedServer({}, { open: true, cors: true })
    const tabs = await Promise.all(Array.from({ length: 5 }, () => open(bench().browser, bench().lab)))
    await Promise.all(tabs.map((tab) => tab.evaluate('lab.withoutLocks()')))
    await Promise.all(tabs.map((tab) => tab.evaluate(call('lab.begin', { issuer: server.issuer }))))
    const clients = await Promise.all(tabs.map((tab) => eventually(tab, client)))
    expect(new Set(clients)).toEqual(new Set(server.clientIds()))
    expect(server.requestsTo('register')).toHaveLength(1)
    await Promise.all(tabs.map((tab) => tab.close()))
  })

  test('a tab that goes elsewhere in the middle of its registration is succeeded at once, and finds its client when it is back', async () => {
    await using server = await silentOnce()
    const wish = { issuer: server.issuer, timeout: 50_000, lease: 60_000 }
    const owner = await open(bench().browser, bench().lab)
    await owner.evaluate(call('lab.begin', wish))
    await until(() => server.requestsTo('register').length === 1)
    const heir = await open(bench().browser, bench().lab)
    await owner.goto(bench().lab.elsewhere)
    await heir.evaluate(call('lab.begin', wish))
    const made = await eventually(heir, client)
    expect(server.clientIds()).toEqual([made])
    await owner.back()
    await eventually(owner, "typeof lab === 'object'")
    await owner.evaluate(call('lab.begin', wish))
    expect(await eventually(owner, client)).toBe(made)
    expect(server.clients()).toBe(1)
    await Promise.all([owner.close(), heir.close()])
  })
}

/** Takes a lease's time, in which others can be at work: it begins before them. */
export function slowDeath(bench: () => Bench): void {
  let server: ScriptedServer
  let heir: Tab
  beforeAll(async () => {
    server = await silentOnce()
    const { issuer } = server
    const owner = await open(bench().browser, bench().lab)
    heir = await open(bench().browser, bench().lab)
    for (const tab of [owner, heir]) await tab.evaluate('lab.withoutLocks()')
    await owner.evaluate(call('lab.begin', { issuer, timeout: 3000, lease: 8000 }))
    await until(() => server.requestsTo('register').length === 1)
    await Promise.all([heir.evaluate(call('lab.begin', { issuer })), owner.close()])
  }, 60_000)
  afterAll(() => server.close())

  test('without Web Locks a tab that closes in the middle of its registration is succeeded when its lease is over', async () => {
    expect(await eventually(heir, client)).toBe(server.clientIds()[0])
    expect(server.clients()).toBe(1)
    expect(await heir.evaluate('JSON.stringify(lab.outcome.events)')).toContain('Its starter died')
    await heir.close()
  })
}
