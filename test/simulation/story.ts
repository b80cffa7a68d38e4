import { createHash } from 'node:crypto'

import type { History } from './history.ts'
import { duration } from './invariants.ts'
import type { Plan } from './plan.ts'
import { viewOf } from './record-view.ts'

/** What happened in a world, one line for each thing, in its order. */
export function storyOf(history: History): string[] {
  const lines: [at: number, line: string][] = []
  for (const call of history.calls) {
    const name = `${call.process.name} ${call.verb}()`
    lines.push([
      call.at,
      `${name} begins${call.leftBefore ? ', its signal has aborted before' : ''}${call.rejected ? ` for ${call.rejected.client_id}` : ''}`,
    ])
    for (const { at, value } of call.yielded) lines.push([at, `${name} yields ${idIn(value)}`])
    if (call.endedAt !== undefined)
      lines.push([
        call.endedAt,
        `${name} ${call.code === undefined ? `resolves${idIn(call.value)}` : `throws ${call.code}`}`,
      ])
  }
  for (const it of history.requests) {
    lines.push([it.at, `${it.process.name} sends ${it.method} ${it.endpoint} ${it.client_id ?? ''} [${it.number}]`])
    if (it.answeredAt !== undefined)
      lines.push([
        it.answeredAt,
        `${it.process.name} hears ${it.isUnanswered ? 'nothing' : it.status}${it.isFaulty ? ' (a fault)' : ''}${it.made.length > 0 ? ` made ${it.made.join(' ')}` : ''} [${it.number}]`,
      ])
  }
  for (const it of history.store.operations) {
    if (it.operation === 'load') continue
    if (it.appliedAt !== undefined) lines.push([it.appliedAt, `stored by ${it.process.name}: ${recordLine(it.value)}`])
    if (it.failed !== undefined) lines.push([it.askedAt, `a save of ${it.process.name} will fail: ${it.failed}`])
  }
  for (const it of history.store.incidents) lines.push([it.at, `the store: ${it.what}; ${recordLine(it.after)}`])
  for (const it of history.befallen) lines.push([it.at, `! ${it.what} ${it.process?.name ?? ''} ${it.client_id ?? ''}`])
  for (const it of history.shown)
    if (it.what === 'event' && it.type !== 'request')
      lines.push([it.at, `${it.process.name} tells: ${it.type} ${it.client_id ?? ''}`])
  lines.push([history.mendedAt, '! everything is mended'])
  return lines.toSorted(([a], [b]) => a - b).map(([at, line]) => `${clock(at)}  ${line.trimEnd()}`)
}

/** Days, hours, minutes, seconds and milliseconds since the world began. */
function clock(at: number): string {
  const time = new Date(Math.round(at)).toISOString().slice(11, 23)
  return `${Math.floor(at / 86_400_000)}d ${time}`
}

/** The plan of a world as lines: which processes there were, and what could go wrong. */
export function planLines({ server, engine, options, processes, faults, incidents, lasts }: Plan): string[] {
  const { name, ...behaviour } = server
  return [
    `server ${name}: ${JSON.stringify(behaviour)}`,
    `store ${engine.name}; ${duration(lasts)}; ${JSON.stringify(options)}`,
    ...processes.map(
      (it) =>
        `${it.name} from ${duration(it.startsAt)}, declaration ${it.declaration}${it.generation === undefined ? '' : `, generation ${it.generation}`}${it.clockOff === 0 ? '' : `, clock off by ${duration(it.clockOff)}`}: ` +
        it.calls.map((call) => `${call.verb}${call.times > 1 ? ` ${call.times} times` : ''}`).join(', '),
    ),
    ...faults.map(
      ({ name: fault, chance, from, until }) => `${fault}: ${chance} (${duration(from)} to ${duration(until)})`,
    ),
    ...incidents.map(({ name: incident, at }) => `${incident} at ${duration(at)}`),
  ]
}

/** A digest of a story, equal for equal stories. */
export const digestOf = (history: History): string =>
  createHash('sha256').update(storyOf(history).join('\n')).digest('hex')

function recordLine(text: string | undefined): string {
  const record = viewOf(text)
  if (record === undefined) return text === undefined ? 'nothing' : 'what nobody can read'
  const { state, client, previous, listed, intent, revision, isSuspect, isManageable } = record
  return [
    ...(revision === undefined ? [] : [`#${revision}`]),
    state,
    client && `${client.client_id} ${client.client_name ?? ''} ${client.token?.slice(0, 10) ?? 'no token'}`,
    previous.length > 0 && `previous ${previous.map(({ client_id }) => client_id).join(' ')}`,
    listed.length > 0 && `listed ${listed.map(({ client_id }) => client_id ?? '?').join(' ')}`,
    intent && `intent ${intent.operation}${intent.sent ? ' sent' : ''} lease ${intent.lease}`,
    isSuspect && 'suspect',
    !isManageable && 'unmanageable',
  ]
    .filter(Boolean)
    .join(', ')
}

const idIn = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'client_id' in value ? ` ${String(value.client_id)}` : ''
