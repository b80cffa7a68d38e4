import type { Command } from '../command.ts'
import { withManager } from '../configured.ts'
import { rows, shown, withoutSecrets, withoutStruck } from '../show.ts'

export const read: Command = {
  name: 'read',
  usage: '',
  summary: 'ask the server how the client is registered',
  help: `Asks the server (RFC 7592 section 2.1), saves what it says, and shows that without secrets: as
JSON (--json) without the members that hold one. Some servers hand out another management token with each read: it is
saved, too.`,
  options: {},
  run: (call) =>
    withManager(call, async ({ manager }) => {
      const registration = await manager.read({ signal: call.signal })
      return {
        lines: rows(Object.entries(withoutSecrets(registration)).map(([member, value]) => [member, shown(value)])),
        json: withoutStruck(registration),
      }
    }),
}
