import { startScriptedServer } from '@registrant/test/servers'

import type { Page } from './page.ts'
import { eventually } from './tab.ts'
import type { Browser } from './tab.ts'

/** An expression for the client that the page shows once it is registered. */
export const registered = `document.querySelector('#state').dataset.state === 'registered' && document.querySelector('#client-id').textContent`

/** The outcome of tabs that opened at once. */
export interface TabRound {
  /** How many tabs have the one client that the server knows of them. */
  agree: number
  clients: number
  registrations: number
}

/** Opens the example page in so many tabs at once, again and again, each time at another server. */
export async function openAtOnce(
  browser: Browser,
  page: Page,
  { tabs, rounds }: { tabs: number; rounds: number },
): Promise<TabRound[]> {
  const opened = await Promise.all(Array.from({ length: tabs }, () => browser.newTab()))
  const all: TabRound[] = []
  while (all.length < rounds) {
    await using server = await startScriptedServer({}, { open: true, cors: true })
    const address = page.at(server.issuer)
    await Promise.all(opened.map((tab) => tab.goto(address)))
    const clients = await Promise.all(opened.map((tab) => eventually(tab, registered)))
    const [client] = server.clientIds()
    const agree = clients.filter((it) => it === client).length
    all.push({ agree, clients: server.clients(), registrations: server.requestsTo('register').length })
  }
  await Promise.all(opened.map((tab) => tab.close()))
  return all
}
