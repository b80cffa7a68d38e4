import type { Command } from '../command.ts'
import { withManager } from '../configured.ts'
import { statusLines } from '../show.ts'

export const status: Command = {
  name: 'status',
  usage: '',
  summary: 'how things stand, by what is stored',
  help: `Shows what is stored: no request is made, and nothing of it is secret. It exits with 0 whenever the store can be
read, also where there is no registration yet.`,
  options: {},
  run: (call) =>
    withManager(call, async ({ manager }) => {
      const found = await manager.status({ signal: call.signal })
      return { lines: statusLines(found), json: found }
    }),
}
