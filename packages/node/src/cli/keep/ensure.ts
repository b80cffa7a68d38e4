import type { RegistrationEvent, RegistrationResponse } from '@registrant/core'

import type { Command, Result } from '../command.ts'
import { driftsIn, withManager } from '../configured.ts'
import { duration, printable } from '../show.ts'
import { statusIfSaid } from '../unsaid.ts'
import { dryRun } from './dry-run.ts'

const results = ['replaced', 'registered', 'updated', 'renewed'] as const

export const ensure: Command = {
  name: 'ensure',
  usage: '[--dry-run]',
  summary: 'register, update or renew, if that is needed',
  help: `Does what the application does at its start: a stored registration that is in order is left alone, and no request
is made; otherwise the client is registered, brought into the declared form, or renewed. It may be called as
often as you like, by as many machines as share the store.`,
  options: { 'dry-run': { type: 'boolean', means: 'send and save nothing; show what would change' } },
  async run(call) {
    if (call.flag('dry-run')) return dryRun(call)
    return withManager(call, async (opened) => {
      await statusIfSaid(opened, call.signal)
      const { manager, events, options } = opened
      const registration = await manager.ensure({ signal: call.signal })
      return told(registration, events, options.application)
    })
  },
}

/** The result for the caller: the client, what was done, and when its secret ends. */
export function told(
  registration: RegistrationResponse,
  events: readonly RegistrationEvent[],
  application: string,
): Result {
  const { client_id, client_secret_expires_at: end = 0 } = registration
  const result = results.find((type) => events.some((event) => event.type === type)) ?? 'reused'
  const drift = driftsIn(events).map(({ reason, message }) => ({ reason, message }))
  const secret = end > 0 ? `; its secret ends in ${duration(end * 1000 - Date.now())}` : ''
  return {
    lines: [`✓ ${printable(application)}: ${result} client ${printable(client_id)}${secret}`],
    json: { result, client_id, ...(end > 0 && { secretExpiresAt: end * 1000 }), drift },
  }
}
