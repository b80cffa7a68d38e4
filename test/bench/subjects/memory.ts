import { told } from '../child.ts'
import { registrars } from '../registrars.mjs'
import { startServer } from '../start-server.ts'
import type { Subject } from '../subject.ts'

/** Registers at a good server, then at one whose answer is far too long; tells the memory that this left, and the most it took. */
const program = (name: string, usual: object, huge: object): string => `
  const { setTimeout: sleep } = await import('node:timers/promises')
  const { registrars } = await import('./registrars.mjs')
  const held = async () => {
    for (let turn = 0; turn < 3; turn++) { await sleep(20); gc() }
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const attempt = async (server) => (await registrars['${name}'](server))().then(() => undefined, () => undefined)
  const [usual, huge] = [${JSON.stringify(usual)}, ${JSON.stringify(huge)}]
  await attempt(usual)
  const [before, peak] = [await held(), process.resourceUsage().maxRSS]
  await attempt(huge)
  const most = process.resourceUsage().maxRSS
  tell({ growth: (await held() - before) / 2 ** 20, peak: (most - peak) / 1024 })
  process.exit()`

export const memory: Subject = {
  name: 'memory',
  title: 'An answer of 64 MiB',
  about:
    'What it leaves in the memory (`heapUsed` and `external` after garbage collection), and how far it lifts the most that the process takes.',
  rounds: 11,
  figures: { peak: 'MiB at most', growth: 'MiB left' },
  base: 'raw fetch',
  goal: { way: '@registrant/node', figure: 'growth', most: 1 },
  async open() {
    const server = await startServer({ huge: 64 })
    const way = (name: string) => [name, told(program(name, server.usual, server.huge), ['--expose-gc'])] as const
    return { ...server, ways: Object.fromEntries(Object.keys(registrars).map(way)) }
  },
}
