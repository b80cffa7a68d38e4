import { confirm } from '../ask.ts'
import { yes } from '../command.ts'
import type { Command } from '../command.ts'
import { withManager } from '../configured.ts'
import { printable } from '../show.ts'

export const deleteClient: Command = {
  name: 'delete',
  usage: '[--yes]',
  summary: 'delete the client at the server, for good',
  help: `Deletes the client at the server and leaves a mark in the store: from now on no replica registers again. Only
forget and recover take that back.`,
  options: yes,
  run: (call) =>
    withManager(call, async ({ manager }) => {
      const { client_id = '' } = await manager.status({ signal: call.signal })
      await confirm(call, `The client ${printable(client_id)} will be deleted at the server, for good.`)
      await manager.delete({ signal: call.signal })
      return { lines: [`✓ deleted client ${printable(client_id)}`], json: { deleted: client_id } }
    }),
}
