import { isDeepStrictEqual } from 'node:util'

import { InvalidRequestError, StoreError } from '@registrant/core'
import type { ManagerOptions, RegistrationEvent, RegistrationResponse, RegistrationStatus } from '@registrant/core'
import { checkRequest } from '@registrant/core/checks'

import type { Call, Result } from '../command.ts'
import { driftsIn, withManager, withoutEffect } from '../configured.ts'
import { declaredBy } from '../declared.ts'
import { exitCodes } from '../exit-code.ts'
import { printable, shown, waitingLine, withAdvice } from '../show.ts'
import { statusIfSaid } from '../unsaid.ts'

/** Tells what `ensure` would do: the manager itself decides, with a store that refuses saves and a fetch that sends nothing. */
export async function dryRun(call: Call): Promise<Result> {
  return withManager(
    { ...call, note: () => undefined },
    async (opened) => {
      const status = await statusIfSaid(opened, call.signal)
      const { manager, events, configured } = opened
      const options = { ...opened.options, metadata: await declaredBy(configured) }
      // Of keys that the manager keeps nobody knows before they are made.
      const isKnown = ([member]: readonly [string, unknown]): boolean => options.keys === undefined || member !== 'jwks'
      const declared = Object.entries(options.metadata).filter(isKnown)
      if (status.state === 'registering') return plan('wait', undefined, [])
      if (status.state === 'absent') {
        const left = status.waiting.find((it) => it.for === 'server' || it.for === 'registration')
        if (left !== undefined)
          return { ...plan('nothing', undefined, [], waitingLine(left)), exitCode: exitCodes.later }
      }
      try {
        const registration = await manager.ensure({ signal: call.signal })
        return planOf(registration, declared, events, status, () => requireValid(options))
      } catch (error) {
        if (!(error instanceof StoreError && events.some(isOurRefusal))) throw error
        requireValid(options)
        const isAbsent = status.state === 'absent'
        const added = declared.map(([member, after]) => ({ member, after }))
        return isAbsent ? plan('register', undefined, added) : plan('renew', undefined, [])
      }
    },
    withoutEffect,
  )
}

/** The manager applies the rules before it sends, and so after its first save, which a dry run refuses. */
function requireValid({ metadata, profile }: ManagerOptions): void {
  const findings = checkRequest(metadata, profile).filter(({ level }) => level === 'MUST')
  if (findings.length > 0) throw new InvalidRequestError(findings)
}

const isOurRefusal = ({ type }: RegistrationEvent): boolean => type === 'store'

/** A member as it is at the server, and as it is declared. */
interface Change {
  member: string
  before?: unknown
  after: unknown
}

function planOf(
  registration: RegistrationResponse,
  declared: readonly (readonly [string, unknown])[],
  events: readonly RegistrationEvent[],
  { manageable }: RegistrationStatus,
  judge: () => void,
): Result {
  const { client_id } = registration
  const [drift] = driftsIn(events)
  if (drift === undefined) return plan('nothing', client_id, [])
  const known = new Map<string, unknown>(Object.entries(registration))
  const changes = declared.flatMap(([member, after]): Change[] =>
    isDeepStrictEqual(known.get(member), after) ? [] : [{ member, before: known.get(member), after }],
  )
  if (!drift.reason.startsWith('store')) return plan('nothing', client_id, changes, drift.message)
  // Only the refused save kept the manager from doing it.
  judge()
  if (!manageable) return plan('replace', client_id, changes)
  return plan(changes.length > 0 ? 'update' : 'change', client_id, changes)
}

const sentences = {
  register: 'A client would be registered:',
  update: 'would be updated:',
  replace: 'can not be changed: another would be registered, and what users have granted to this one ends.',
  change: 'would be renewed, or members be taken out that are no longer declared.',
  renew: 'The credentials have ended: they would be renewed, or another client be registered.',
  wait: 'Another starter is at it: ensure waits for it, and registers a client where that does not come to an end.',
  nothing: 'Nothing would be done:',
} as const

function plan(
  action: keyof typeof sentences,
  client: string | undefined,
  changes: readonly Change[],
  why?: string,
): Result {
  const id = client === undefined ? '' : printable(client)
  const first =
    action === 'nothing'
      ? `${sentences.nothing} ${why === undefined ? `client ${id} is in order.` : withAdvice(why)}`
      : client === undefined
        ? sentences[action]
        : `Client ${id} ${sentences[action]}`
  const diff = changes.flatMap(({ member, before, after }) => [
    ...(before === undefined ? [] : [`- ${printable(member)}: ${shown(before)}`]),
    `+ ${printable(member)}: ${shown(after)}`,
  ])
  return { lines: [first, ...diff], json: { action, client_id: client, changes, reason: why } }
}
