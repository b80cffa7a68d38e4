import { timed } from '../child.ts'
import { registrars } from '../registrars.mjs'
import { startServer } from '../start-server.ts'
import type { Subject } from '../subject.ts'

export const firstRegistration: Subject = {
  name: 'first-registration',
  title: 'Import and first registration',
  about: 'From before the import until a client is registered, in a fresh process each time.',
  rounds: 41,
  figures: { cpu: 'ms of processor time', wall: 'ms' },
  base: 'raw fetch',
  goal: { way: '@registrant/node', most: 1.4 },
  async open() {
    const server = await startServer()
    const given = JSON.stringify(server.usual)
    const way = (name: string) => {
      const action = `await (await registrars['${name}'](${given}))()`
      return [name, timed(action, "const { registrars } = await import('./registrars.mjs')")] as const
    }
    return { ...server, ways: Object.fromEntries(Object.keys(registrars).map(way)) }
  },
}
