import type { RegistrationEvent } from '@registrant/core'

/** The level at which an event is logged. */
export type Level = 'debug' | 'info' | 'warn' | 'error'

const levels: Readonly<Record<Exclude<RegistrationEvent['type'], 'finding'>, Level>> = {
  request: 'debug',
  deviation: 'debug',
  intent: 'debug',
  waiting: 'info',
  chosen: 'info',
  reused: 'info',
  registered: 'info',
  updated: 'info',
  renewed: 'info',
  replaced: 'info',
  deleted: 'info',
  compensated: 'info',
  drift: 'warn',
  suspect: 'warn',
  unmanageable: 'warn',
  orphan: 'warn',
  warning: 'warn',
  'renewal-failed': 'error',
  store: 'error',
}

export function levelOf(event: RegistrationEvent): Level {
  if (event.type !== 'finding') return levels[event.type]
  return event.finding.level === 'SHOULD' ? 'debug' : 'warn'
}

/** An event in one line: whose it is, what happened, and what to do. */
export function lineOf(event: RegistrationEvent): string {
  const { application } = event
  return `registrant${application === undefined ? '' : ` ${application}`}: ${sentenceOf(event)}`
}

const storeAdvice = {
  'store-unavailable': 'nothing is registered or changed until it answers',
  'store-corrupt': 'restore it, or recover() with what is known, or forget()',
  'store-denied': 'the error says what to set right: permissions, rights, or the sealing key',
  'store-unknown': 'the next call looks what was saved',
} as const

function sentenceOf(event: RegistrationEvent): string {
  switch (event.type) {
    case 'request':
      return `${event.method} ${event.endpoint} ${event.status === undefined ? 'got no answer' : `was answered ${event.status}`} after ${event.ms} ms${unanswered(event)}`
    case 'deviation':
      return `the server is unlike the specifications: ${event.deviation.message} (${event.deviation.rule})`
    case 'finding':
      return `${event.finding.member}: ${event.finding.message} (${event.finding.level}, ${event.finding.source})`
    case 'intent':
      return `a request about ${named(event.client_id, 'a new client')} is announced in the store`
    case 'waiting':
      return `waiting for ${event.owner}, which is at it, for ${Math.round(event.ms / 1000)} s`
    case 'chosen':
      return `the client is ${chosen[event.route]}${event.client_id === undefined ? '' : ` (${event.client_id})`}: ${event.reason}`
    case 'reused':
      return `reused ${named(event.client_id)}${endOf(event.secretExpiresAt)}`
    case 'registered':
      return `registered ${named(event.client_id)}`
    case 'updated':
      return `${named(event.client_id)} was brought into the declared form`
    case 'renewed':
      return `the credentials of ${named(event.client_id)} were renewed`
    case 'deleted':
      return `deleted ${named(event.client_id)}`
    case 'replaced':
      return `client ${event.client_id} replaces ${event.old}`
    case 'suspect':
      return `the server denied ${named(event.client_id)}; it stays in use until that is confirmed`
    case 'unmanageable':
      return `the management token of ${named(event.client_id)} is lost: it can be used and not changed; recover() with a token from the server's operator, or forget()`
    case 'drift':
      return `${named(event.client_id)} is not what is declared: ${event.message} (${event.reason})`
    case 'renewal-failed':
      return `the credentials of ${named(event.client_id)} could not be renewed: ${event.message} (${event.reason})`
    case 'warning':
      return `${event.message} (${event.rule})`
    case 'compensated':
      return `${named(event.orphan.client_id, 'a client')} was not needed and is deleted again`
    case 'orphan':
      return `${named(event.orphan.client_id, 'a client that nobody can name')} may be left at the server: ${event.orphan.reason} ${event.listed === false ? 'It is listed nowhere: write it down' : 'sweep() deletes what can be reached'}`
    default:
      return `the store failed (${event.code}): ${storeAdvice[event.code]}`
  }
}

const chosen = {
  'pre-registered': 'the one that was registered by hand',
  'metadata-document': 'the one of its own document',
  dynamic: 'one that is registered',
  ask: 'none yet',
} as const

const named = (client: string | undefined, otherwise = 'the client'): string =>
  client === undefined ? otherwise : `client ${client}`

const endOf = (at: number | undefined): string =>
  at === undefined ? '' : `; its secret ends ${new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')}`

/** Why there was no answer, and whether the server may have acted all the same. */
function unanswered({ status, reason, outcome }: Extract<RegistrationEvent, { type: 'request' }>): string {
  if (status !== undefined) return ''
  return ` (${reason ?? 'transport'}): ${outcome === 'unknown' ? 'the server may have acted' : 'nothing was done'}`
}
