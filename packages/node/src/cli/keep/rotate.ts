import type { Command } from '../command.ts'
import { withManager } from '../configured.ts'
import { statusIfSaid } from '../unsaid.ts'
import { told } from './ensure.ts'

export const rotate: Command = {
  name: 'rotate',
  usage: '',
  summary: 'renew the credentials now',
  help: `Renews the credentials: by an update where that brings others, else by another registration. The old client stays
for an hour, so that every replica can change over.`,
  options: {},
  run: (call) =>
    withManager(call, async (opened) => {
      await statusIfSaid(opened, call.signal)
      const { manager, events, options } = opened
      return told(await manager.rotate({ signal: call.signal }), events, options.application)
    }),
}
