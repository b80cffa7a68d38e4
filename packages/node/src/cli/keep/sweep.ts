import type { RegistrationEvent } from '@registrant/core'

import { lineOf } from '../../log/line.ts'
import { confirm } from '../ask.ts'
import { yes } from '../command.ts'
import type { Command } from '../command.ts'
import { withManager } from '../configured.ts'
import { exitCodes } from '../exit-code.ts'
import { printable } from '../show.ts'

export const sweep: Command = {
  name: 'sweep',
  usage: '[--yes]',
  summary: 'delete the clients at the server that nobody uses',
  help: 'Deletes the orphans that there is a management token for, and says which are left for an operator to delete.',
  options: yes,
  run: (call) =>
    withManager(call, async ({ manager, events }) => {
      const { orphans } = await manager.status({ signal: call.signal })
      if (orphans.length === 0) return { lines: ['✓ there are no orphans'], json: { deleted: [], left: [] } }
      const named = orphans.flatMap(({ client_id }) => client_id ?? [])
      if (named.length > 0)
        await confirm(call, `These clients will be deleted at the server: ${named.map(printable).join(', ')}.`)
      const before = events.length
      const left = named.length > 0 ? await manager.sweep({ signal: call.signal }) : orphans
      const kept = new Set(left.map(({ client_id }) => client_id))
      const deleted = named.filter((id) => !kept.has(id))
      // The result of sweep() does not say why a client with a client_id is left: the request events do.
      const failed = deleted.length < named.length ? failureIn(events.slice(before)) : undefined
      if (failed) call.note(lineOf(failed))
      return {
        lines: [
          ...deleted.map((id) => `✓ deleted client ${printable(id)}`),
          ...left.map(
            ({ client_id, reason }) =>
              `! left: ${client_id === undefined ? 'a client that nobody can name' : printable(client_id)}: ${printable(reason)}`,
          ),
        ],
        json: { deleted, left },
        ...(failed && { exitCode: codeOf(failed) }),
      }
    }),
}

type Request = Extract<RegistrationEvent, { type: 'request' }>

/** The last DELETE that failed; without one, the last request, if it failed: it came before any DELETE. */
function failureIn(events: readonly RegistrationEvent[]): Request | undefined {
  const requests = events.flatMap((event) => (event.type === 'request' ? [event] : []))
  const isFailed = ({ status = 0 }: Request): boolean => status < 200 || status > 299
  return (
    requests.findLast((it) => it.method === 'DELETE' && isFailed(it)) ?? requests.slice(-1).find((it) => isFailed(it))
  )
}

function codeOf({ method, status, outcome }: Request): number {
  if (method === 'GET' || outcome === 'not-sent') return exitCodes.later
  if (status !== undefined && status < 500) return exitCodes.refused
  return method === 'DELETE' ? exitCodes.unknown : exitCodes.later
}
