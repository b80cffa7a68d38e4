import type { Orphan } from '../../events.ts'
import { escape } from '../../exchange/redact.ts'
import type { Jwk } from '../../model/jwk.ts'
import type { Context } from '../context.ts'
import { notBefore } from '../ensure/patience.ts'
import { toOrphan } from '../record/clients.ts'
import { isExpired, isManageable, secretEnd } from '../record/credentials.ts'
import { supersededMark } from '../record/declarations.ts'
import type { Mark, Said } from '../record/mark.ts'
import { binds, endOf } from '../record/mark.ts'
import type { Operation, RegistrationRecord } from '../record/record.ts'
import { Timeline } from '../record/timeline.ts'
import { publicKeys } from '../record/managed-keys.ts'
import { suspicionIn } from '../record/setbacks.ts'
import { nextObservation } from './denials.ts'
import { deleteReplacedAt } from './sweep.ts'

/** How things stand with a registration, by what is stored: no request is made, and nothing in it is secret. */
export interface RegistrationStatus {
  /**
   * `absent`: there is none. `registering`: somebody is at it. `registered`: it is in use. `updating`: its metadata is
   * being changed. `rotating`: its credentials are being replaced. `expired`: its secret has ended. `deleting`: it is being
   * deleted, or its deletion did not come to an end. `deleted`: it was deleted on purpose.
   */
  state: 'absent' | 'registering' | 'registered' | 'updating' | 'rotating' | 'expired' | 'deleting' | 'deleted'
  /** The client in use. */
  client_id?: string | undefined
  /** How it came to be, where nobody registered it here: by hand, or by its own metadata document. */
  route?: 'pre-registered' | 'metadata-document' | undefined
  /** Whether there is a management token, as far as is known: without it the client can be used and not changed. */
  manageable: boolean
  /** The server denied the client, or its credentials; it stays in use until that is confirmed. */
  suspect: boolean
  /** The generation of the declaration that is in force, where it has one. */
  generation?: number | undefined
  /** When the secret ends, in milliseconds since the epoch; absent: never, or the server did not say. */
  secretExpiresAt?: number | undefined
  /** The public keys that the manager keeps for the client (option `keys`), to be published where `jwks_uri` is declared. */
  jwks?: { keys: Jwk[] } | undefined
  /** Clients at the server that nobody uses. */
  orphans: Orphan[]
  /** Clients that were replaced, and when each is deleted, in milliseconds since the epoch. */
  replaced: { client_id: string; deleteAt: number }[]
  /** What is left alone, until when (milliseconds since the epoch), and why. */
  waiting: Waiting[]
}

/**
 * Something that is left alone for a while. `server`: it asked for that, or could not be reached. `declaration`: what is
 * declared is not applied yet. `registration`: no client is registered. `proof`: whether the server has forgotten the client.
 * `deletion`: a replaced client. `permission`: the management token was lost. `key`: another key is published at the `jwks_uri`,
 * and signs then.
 */
export interface Waiting {
  for: 'server' | 'declaration' | 'registration' | 'proof' | 'deletion' | 'permission' | 'key'
  until: number
  reason: string
}

const lost =
  'The management token is lost: the client works, and can not be changed. It is looked at again then; forget() starts over with another client.'
const publishedKey =
  'Another key is published, and signs then: until it has looked again, the server goes on with the keys that it fetched.'
const superseded =
  'Another declaration is in force. This one is applied when that one has been silent for a while, or at once by a higher generation.'

/** What was written down of a failure, as a sentence of its own. */
const sentence = (said: string): string =>
  `${said.charAt(0).toUpperCase()}${said.slice(1)}${/[.!?…]$/.test(said) ? '' : '.'}`

export async function readStatus(context: Context): Promise<RegistrationStatus> {
  const { clock, options } = context
  const record = (await context.records.load())?.record
  if (record === undefined)
    return { state: 'absent', manageable: false, suspect: false, orphans: [], replaced: [], waiting: [] }
  const { registration, declaration, previous = [], orphans = [], keys } = record
  const now = clock.now()
  const state = stateOf(record)
  return {
    state: state === 'registered' && isExpired(record, now) ? 'expired' : state,
    client_id: registration?.client_id,
    ...(record.route && { route: record.route }),
    manageable: isManageable(record, options),
    suspect: suspicionIn(record, now, context.forgetDelay) !== undefined,
    generation: declaration?.generation,
    secretExpiresAt: secretEnd(registration),
    ...(keys === undefined ? {} : { jwks: publicKeys(keys) }),
    orphans: orphans.map(toOrphan),
    replaced: previous.map((it) => ({ client_id: it.registration.client_id, deleteAt: deleteReplacedAt(context, it) })),
    waiting: waitingOf(context, record, now),
  }
}

/** Of what binds, by the record or by what this process met itself, the mark that ends last. */
const lastOf = <T extends Mark>(now: number, ...marks: readonly (T | undefined)[]): T | undefined =>
  marks.reduce<T | undefined>(
    (last, it) => (binds(it, now) && endOf(it) > (last ? endOf(last) : -Infinity) ? it : last),
    undefined,
  )

function waitingOf(context: Context, record: RegistrationRecord, now: number): Waiting[] {
  const { declared, overlap, forgetDelay, owner, memory } = context
  const { declaration, keys, unmanageable, suspicion, previous = [] } = record
  const { token, own } = memory
  const pause = lastOf(now, record.pause, own.pause)
  const outage = lastOf<Said>(now, record.outage, own.outage)
  const setback = (of: Operation): Said | undefined => lastOf<Said>(now, record.setbacks?.[of], own.setbacks?.[of])
  const [choose, update, look, renew] = [setback('choose'), setback('update'), setback('look'), setback('renew')]
  const marks: [kind: Waiting['for'], mark: Mark | undefined, reason: string | undefined][] = [
    ['server', pause, pause?.said],
    ['server', outage, outage?.said],
    ['server', choose, choose?.said],
    ['declaration', update, update?.said],
    ['declaration', look, look?.said],
    ['declaration', renew, renew?.said],
    ['permission', unmanageable, lost],
    ['key', keys?.coming?.published, publishedKey],
  ]
  if (declaration?.hash !== declared.hash)
    marks.push(['declaration', supersededMark(record, declared.hash, overlap), superseded])
  for (const { registration, retry } of previous)
    marks.push([
      'deletion',
      retry,
      `The replaced client ${escape(registration.client_id)} could not be deleted; that is tried again.`,
    ])
  const waiting = marks.flatMap(([kind, mark, reason = '']): Waiting[] =>
    mark && binds(mark, now) ? [{ for: kind, until: endOf(mark), reason: sentence(reason) }] : [],
  )
  const asking = { owner, hasSatOut: false, own, hash: declared.hash, token }
  const hold = notBefore(record, 'register', asking, new Timeline(now))
  if (hold && hold.reason !== 'server' && hold.reason !== 'unreachable')
    waiting.push({ for: 'registration', until: hold.until, reason: sentence(hold.said) })
  if (suspicion && suspicionIn(record, now, forgetDelay))
    waiting.push({
      for: 'proof',
      until: Math.max(now, nextObservation(record, now, forgetDelay)),
      reason: `The server denied the ${suspicion.of === 'client' ? 'client' : 'credentials of the client'} ${suspicion.count === 1 ? 'once' : `${suspicion.count} times`}. It stays in use until that is confirmed.`,
    })
  return waiting
}

/** The state that `status()` names. */
function stateOf({ deleted, registration, intent }: RegistrationRecord): State {
  if (deleted) return 'deleted'
  switch (intent?.operation) {
    case 'delete':
      return 'deleting'
    case 'update':
      return 'updating'
    case 'renew':
    case 'replace':
      return 'rotating'
    case 'register':
      return 'registering'
    default:
      return registration ? 'registered' : 'absent'
  }
}

/** The states of a record; `expired` is a `registered` whose secret has ended. */
type State = 'absent' | 'registering' | 'registered' | 'updating' | 'rotating' | 'deleting' | 'deleted'
