import { confirm } from '../ask.ts'
import { yes } from '../command.ts'
import type { Command } from '../command.ts'
import { withManager } from '../configured.ts'

export const forget: Command = {
  name: 'forget',
  usage: '[--yes]',
  summary: 'start over: the next ensure registers another client',
  help: `Starts over, also after delete and over a record that can not be read, unless a newer release wrote it. The client
that is stored is not deleted: it is listed as an orphan, and sweep deletes it where it has its management token.`,
  options: yes,
  run: (call) =>
    withManager(call, async ({ manager }) => {
      await confirm(call, 'The registration will be forgotten, and what users have granted to its client with it.')
      await manager.forget({ signal: call.signal })
      return { lines: ['✓ forgotten. Next: registrant ensure, then registrant sweep'], json: { forgotten: true } }
    }),
}
