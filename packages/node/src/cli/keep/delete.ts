import { confirm } from '../ask.ts'
import { yes } from '../command.ts'
import type { Command } from '../command.ts'
import { withManager } from '../configured.ts'
import { printable } from '../show.ts'

export const deleteClient: Command = {
  name: 'delete',
  usage: '[--yes]',
  summary: 'delete the client at the server, for good',
  help: `Deletes the client at the server and leaves a tombstone in the store: from now on no replica registers again. Only
forget and recover take that back.`,
  options: yes,
  run: (call) =>
    withManager(call, async ({ manager }) => {
      const { client_id } = await manager.status({ signal: call.signal })
      const [question, result] =
        client_id === undefined
          ? [
              'There is no client. From now on none will be registered.',
              'there was no client; from now on none is registered',
            ]
          : [
              `The client ${printable(client_id)} will be deleted at the server, for good.`,
              `deleted client ${printable(client_id)}`,
            ]
      await confirm(call, question)
      await manager.delete({ signal: call.signal })
      return { lines: [`✓ ${result}`], json: { deleted: client_id ?? null } }
    }),
}
