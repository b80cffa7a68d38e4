import { servePage } from '../browsers/page.ts'
import { browsers } from '../browsers/start.ts'
import { openAtOnce } from '../browsers/tabs.ts'

/** What tabs that open at once came to, in all browsers of this machine. */
export interface TabFigures {
  browsers: number
  rounds: number
  /** Rounds in which all tabs had the one client, of one request. */
  one: number
  /** Rounds in which they had not. */
  others: number
}

/** Twenty tabs at once, in one browser after the other. */
export async function tabs({ rounds }: { rounds: number }): Promise<TabFigures> {
  const figures = { browsers: browsers.length, rounds: 0, one: 0, others: 0 }
  const page = await servePage()
  for (const { start } of browsers) {
    const browser = await start()
    for (const { agree, clients, registrations } of await openAtOnce(browser, page, { tabs: 20, rounds })) {
      figures.rounds++
      if (agree === 20 && clients === 1 && registrations === 1) figures.one++
      else figures.others++
    }
    await browser.close()
  }
  await page.close()
  return figures
}
