import { confirm } from '../ask.ts'
import { yes } from '../command.ts'
import type { Command } from '../command.ts'
import { withManager } from '../configured.ts'
import { printable } from '../show.ts'

export const sweep: Command = {
  name: 'sweep',
  usage: '[--yes]',
  summary: 'delete the clients at the server that nobody uses',
  help: 'Deletes the orphans that there is a management token for, and says which are left for an operator to delete.',
  options: yes,
  run: (call) =>
    withManager(call, async ({ manager }) => {
      const { orphans } = await manager.status({ signal: call.signal })
      if (orphans.length === 0) return { lines: ['✓ there are no orphans'], json: { deleted: [], left: [] } }
      const named = orphans.flatMap(({ client_id }) => client_id ?? [])
      if (named.length > 0)
        await confirm(call, `These clients will be deleted at the server: ${named.map(printable).join(', ')}.`)
      const left = named.length > 0 ? await manager.sweep({ signal: call.signal }) : orphans
      const kept = new Set(left.map(({ client_id }) => client_id))
      const deleted = named.filter((id) => !kept.has(id))
      return {
        lines: [
          ...deleted.map((id) => `✓ deleted client ${printable(id)}`),
          ...left.map(
            ({ client_id, reason }) =>
              `! left: ${client_id === undefined ? 'a client that nobody can name' : printable(client_id)}: ${printable(reason)}`,
          ),
        ],
        json: { deleted, left },
      }
    }),
}
