import { escape } from '../../exchange/redact.ts'
import type { Mark, Said } from '../record/mark.ts'
import { binds, concerns, endOf } from '../record/mark.ts'
import type { Context } from '../context.ts'
import type { Operation, RegistrationRecord } from '../record/record.ts'
import { supersededMark } from '../record/declarations.ts'
import { mostPerOperation } from '../ensure/actions.ts'
import type { Asking, Hold } from '../ensure/patience.ts'
import { notBefore } from '../ensure/patience.ts'
import { setbacksOf, Timeline } from '../record/timeline.ts'
import { suspicionIn } from '../record/setbacks.ts'
import { nextObservation } from './denials.ts'

/**
 * Something that is left alone for a while. `server`: it asked for that, or could not be reached. `declaration`: what is
 * declared is not applied yet. `registration`: no client is registered. `proof`: whether the server has forgotten the client.
 * `deletion`: a replaced client, or the one in use after a `delete()` that failed. `permission`: the management token was lost.
 * `key`: another key is published at the `jwks_uri`, and signs then.
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

/** Of what binds, by the record or by what this process met itself, the mark that ends last. */
const lastOf = <T extends Mark>(now: number, ...marks: readonly (T | undefined)[]): T | undefined =>
  marks.reduce<T | undefined>(
    (last, it) => (binds(it, now) && endOf(it) > (last ? endOf(last) : -Infinity) ? it : last),
    undefined,
  )

const askingOf = ({ declared, forgetDelay, owner, memory }: Context, hasSatOut: boolean): Asking => {
  const { own, token } = memory
  return { owner, hasSatOut, own, hash: declared.hash, token, forgetDelay }
}

/** Until when a deletion is left alone, and why: it begins with a look, and one that failed has its pause as for `read()`. */
export function holdOfDeletion(context: Context, record: RegistrationRecord, now: number): Hold | undefined {
  const { memory, owner } = context
  const hold = notBefore(record, 'delete', askingOf(context, memory.satOut), new Timeline(now))
  if (hold?.reason === 'unreachable' && record.outage?.owner !== owner) memory.satOut = true
  return hold
}

/** What is left alone, by the record and by what this process met itself. */
export function waitingOf(context: Context, record: RegistrationRecord, now: number): Waiting[] {
  const { declared, overlap, forgetDelay, memory } = context
  const { declaration, keys, unmanageable, suspicion, previous = [] } = record
  const { own, unable } = memory
  const pause = lastOf(now, record.pause, own.pause)
  const outage = lastOf<Said>(now, record.outage, own.outage)
  const asking = askingOf(context, false)
  const setback = (of: Operation): Said | undefined =>
    lastOf<Said>(now, ...[record, own].flatMap((it) => setbacksOf(it, of)).filter((it) => concerns(it, asking)))
  // While the management token counts as lost, only that is told, and nothing else that needs the token.
  const ofToken = (of: Operation): Said | undefined => (binds(unmanageable, now) ? undefined : setback(of))
  const [choose, deletion, update] = [setback('choose'), setback('delete'), ofToken('update')]
  const [look, renew] = [ofToken('look'), ofToken('renew')]
  const marks: [kind: Waiting['for'], mark: Mark | undefined, reason: string | undefined][] = [
    ['server', pause, pause?.said],
    ['server', outage, outage?.said],
    ['server', choose, choose?.said],
    ['declaration', update, update?.said],
    ['declaration', look, look?.said],
    ['declaration', renew, renew?.said],
    ['permission', unmanageable, lost],
    ['key', keys?.coming?.published, publishedKey],
    ['deletion', deletion, deletion?.said],
  ]
  // One with a higher number stays, however long it is silent.
  const isOutnumbered = (declared.generation ?? -Infinity) < (declaration?.generation ?? -Infinity)
  if (declaration?.hash !== declared.hash && !isOutnumbered)
    marks.push(['declaration', supersededMark(record, declared.hash, overlap), superseded])
  for (const { registration, retry } of previous)
    marks.push([
      'deletion',
      retry,
      `The replaced client ${escape(registration.client_id)} could not be deleted; that is tried again.`,
    ])
  const all = marks.flatMap(([kind, mark, reason = '']): Waiting[] =>
    mark && binds(mark, now) ? [{ for: kind, until: endOf(mark), reason: sentence(reason) }] : [],
  )
  // One denial of the token leaves alone all that takes it: that is one wait.
  const waiting = [...new Map(all.map((it) => [JSON.stringify(it), it])).values()]
  const rest = context.restFor(mostPerOperation)
  const busyUntil = rest > 0 ? now + rest : undefined
  const hold = notBefore(record, 'register', { ...asking, busyUntil }, new Timeline(now))
  if (hold && hold.reason !== 'server' && hold.reason !== 'unreachable')
    waiting.push({ for: 'registration', until: hold.until, reason: sentence(hold.said) })
  if (suspicion && suspicionIn(record, now, forgetDelay))
    waiting.push({
      for: 'proof',
      until: Math.max(now, nextObservation(record, now, forgetDelay)),
      reason: `The server denied the ${suspicion.of === 'client' ? 'client' : 'credentials of the client'} ${suspicion.count === 1 ? 'once' : `${suspicion.count} times`}. It stays in use until that is confirmed.`,
    })
  const left = (unable?.until ?? 0) - context.clock.monotonic()
  if (unable && left > 0 && unable.client_id === record.registration?.client_id)
    waiting.push({ for: 'proof', until: now + left, reason: sentence(unable.why) })
  return waiting
}
