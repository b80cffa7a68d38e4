import type { RegistrationResponse } from '@registrant/core'
import { describe, expect, test } from 'vitest'

import { notBefore } from '../../packages/core/src/manager/ensure/patience.ts'
import {
  isConfirmed,
  patienceWith,
  spentUntil,
  suspicionIn,
  withAttempt,
  withOutage,
  withPause,
  withSetback,
  withSuccess,
} from '../../packages/core/src/manager/record/setbacks.ts'
import {
  isAccountedFor,
  withClientInUse,
  withGone,
  withOrphan,
} from '../../packages/core/src/manager/record/clients.ts'
import { compareDeclarations, isNoteDue, supersede } from '../../packages/core/src/manager/record/declarations.ts'
import type { Moment } from '../../packages/core/src/manager/record/timeline.ts'
import { backOff, Timeline } from '../../packages/core/src/manager/record/timeline.ts'
import { binds, day, hour, minute } from '../../packages/core/src/manager/record/mark.ts'
import { compareRecords, putBack, withStrays } from '../../packages/core/src/manager/record/read.ts'
import type { Declaration, RegistrationRecord } from '../../packages/core/src/manager/record/record.ts'
import { nextObservation, withDenial, withDoubt } from '../../packages/core/src/manager/maintain/denials.ts'
import { memoryStore } from '../../packages/core/src/store.ts'

const now = Date.UTC(2030, 0, 1)
const overlap = hour
const options = { application: 'orders', metadata: {}, store: memoryStore(), issuer: 'https://as.example' }
const at = (instant: number, chance = 1): Moment => ({ now: instant, chance, options, overlap, forgetDelay: minute })

const client = (name: string): RegistrationResponse => ({
  client_id: name,
  registration_access_token: `token of ${name}`,
  registration_client_uri: `https://as.example/${name}`,
})
const record: RegistrationRecord = {
  schema: 2,
  identity: ['https://as.example', 'orders'],
  epoch: 'e',
  revision: 7,
  writeId: 'w7',
  registration: client('current'),
}
const listed = (of: RegistrationRecord): (string | undefined)[] => (of.orphans ?? []).map((it) => it.client_id)

describe('of two records', () => {
  const orders: Record<string, [found: Partial<RegistrationRecord> | undefined, order: string]> = {
    'the higher revision of an epoch counts': [{ revision: 8, writeId: 'w8' }, 'found'],
    'the same save is the same': [{}, 'found'],
    'a lower revision than one that was acknowledged is the past': [{ revision: 6, writeId: 'w6' }, 'known'],
    'the same revision by another save is a fork': [{ writeId: 'other' }, 'known'],
    'of two sides of a fork the one with the younger secret counts': [{ writeId: 'other', secretSince: 2 }, 'found'],
    'a younger secret does not make a record newer that was saved less often': [
      { revision: 6, writeId: 'w6', secretSince: 2 },
      'known',
    ],
    'what a person has decided since counts, however often was saved': [
      { decisions: 1, revision: 5, writeId: 'w5' },
      'found',
    ],
    'nothing is a loss': [undefined, 'known'],
    'another epoch is a start over': [{ epoch: 'f', revision: 1, writeId: 'w1' }, 'another'],
    'another epoch is one, however high its revision': [{ epoch: 'f', revision: 99, writeId: 'w99' }, 'another'],
  }
  for (const [name, [found, order]] of Object.entries(orders)) {
    test(name, () => {
      expect(compareRecords(record, found && { ...record, ...found })).toBe(order)
    })
  }

  test('one that was saved more often is the past beside one that a person has decided about', () => {
    expect(compareRecords({ ...record, decisions: 1 }, { ...record, revision: 9, writeId: 'w9' })).toBe('known')
  })

  test('the one that is put back has a revision above both, and lists what only the other named', () => {
    const found = {
      ...record,
      revision: 9,
      writeId: 'other',
      registration: client('theirs'),
      previous: [{ intent: 'p', registration: client('retired'), at: now }],
      orphans: [{ intent: 'o', at: new Date(now).toISOString(), reason: 'lost', client_id: 'orphan' }],
    }
    const put = putBack(at(now), record, found)
    // The save itself adds one.
    expect(put.record.revision).toBe(9)
    expect(put.record.registration?.client_id).toBe('current')
    expect(listed(put.record)).toEqual(['theirs', 'retired', 'orphan'])
    expect(put.record.orphans?.[0]).toMatchObject({ registration_access_token: 'token of theirs' })
    expect(put.listed).toHaveLength(3)
  })

  test('the one that is put back lists the registration that the other one announced, and that it knows nothing of', () => {
    const sent = {
      id: 'theirs',
      operation: 'register',
      owner: 'p',
      lease: 1,
      attempt: 1,
      started: now,
      sent: true,
    } as const
    const found = { ...record, revision: 9, writeId: 'other', intent: sent }
    expect(putBack(at(now), record, found).listed).toMatchObject([{ intent: 'theirs', client_id: undefined }])
    expect(putBack(at(now), record, { ...found, intent: { ...sent, sent: false } }).listed).toEqual([])
    const made = { ...record, attempts: [{ intent: 'theirs', at: now, made: true as const }] }
    expect(putBack(at(now), made, found).record.orphans ?? []).toEqual([])
  })

  test('the one that is put back takes the request of whoever is at work for sent: the note of it may be what was lost', () => {
    const intent = { id: 'i', operation: 'register', owner: 'p', lease: 1, attempt: 1, started: now } as const
    expect(putBack(at(now), { ...record, intent }, undefined).record.intent).toEqual({ ...intent, sent: true })
    expect(putBack(at(now), record, undefined).record.intent).toBeUndefined()
  })

  test('the one that stays lists no client that it names, listed, or saw deleted', () => {
    const gone = withGone(withOrphan(record, { intent: 'o', at: '', reason: '', client_id: 'listed' }), 'deleted', now)
    const other = {
      ...record,
      registration: client('deleted'),
      previous: ['current', 'listed', 'lost'].map((name) => ({ intent: name, registration: client(name), at: now })),
    }
    expect(listed(withStrays(at(now), gone, other).record)).toEqual(['listed', 'lost'])
  })
})

describe('what is gone', () => {
  test('is remembered for 30 days by a short hash, 256 at most, and is in use again when somebody says so', () => {
    let many = record
    for (let n = 0; n < 300; n++) many = withGone(many, `client-${n}`, now)
    expect(many.gone).toHaveLength(256)
    expect(JSON.stringify(many.gone)).not.toContain('client-')
    expect(isAccountedFor(many, 'client-299')).toBe(true)
    expect(isAccountedFor(many, 'client-0')).toBe(false)
    expect(isAccountedFor(withClientInUse(many, 'client-299'), 'client-299')).toBe(false)
    expect(withGone(many, 'later', now + 30 * day).gone).toHaveLength(1)
  })

  test('stands in no list any more', () => {
    const full = withOrphan(
      { ...record, previous: [{ intent: 'p', registration: client('x'), at: now }] },
      { intent: 'o', at: '', reason: '', client_id: 'x' },
    )
    expect(withGone(full, 'x', now)).toMatchObject({ previous: [], orphans: [] })
  })
})

describe('a mark', () => {
  test('binds nobody for longer than its length, however far off a clock is', () => {
    const mark = { at: now, length: hour }
    expect([now - hour, now - hour + 1, now, now + hour - 1, now + hour].map((it) => binds(mark, it))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
    expect([now - 365 * day, now + 365 * day].map((it) => binds(mark, it))).toEqual([false, false])
  })

  test('says when it ends to whoever asks', () => {
    const time = new Timeline(now)
    expect(time.binds({ at: now, length: hour })).toBe(true)
    expect(time.binds({ at: now, length: minute })).toBe(true)
    expect(time.binds({ at: now - day, length: hour })).toBe(false)
    expect(time.next).toBe(now + minute)
  })

  test('after failures in a row is 1, 2, 4 ... 60 seconds, of which at least half is kept', () => {
    const counts = [1, 2, 3, 4, 5, 6, 7, 8, 100]
    const seconds = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    expect(counts.map((count) => backOff(count, 1) / 1000)).toEqual(seconds)
    expect(counts.map((count) => backOff(count, 0) / 500)).toEqual(seconds)
  })
})

describe('what is left alone', () => {
  const asking = { owner: 'me', hasSatOut: false, hash: 'ours', forgetDelay: minute }
  const until = (
    of: RegistrationRecord,
    operation: 'register' | 'update' | 'renew',
    as: Partial<typeof asking> = {},
  ): number | undefined => {
    const hold = notBefore(of, operation, { ...asking, ...as }, new Timeline(now))
    return hold && hold.until - now
  }

  test('by a server that named a wait: by everybody, for all of it, up to an hour', () => {
    expect(until(withPause(record, 'look', at(now), 90_000, ''), 'update')).toBe(90_000)
    expect(until(withPause(record, 'look', at(now), 90_000, ''), 'register', { owner: 'other', hasSatOut: true })).toBe(
      90_000,
    )
    expect(until(withPause(record, 'look', at(now), day, ''), 'update')).toBe(hour)
  })

  test('by a server that named none: from a second, doubling to a minute', () => {
    const waits = Array.from({ length: 8 }, (_, n) => {
      const busy = Array.from({ length: n + 1 }).reduce(
        (of: RegistrationRecord) => withPause(of, 'register', at(now), undefined, ''),
        record,
      )
      return (until(busy, 'register') ?? 0) / 1000
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  })

  test('by an outage that somebody heard: by that one in full, by the others for ten seconds, and once', () => {
    let down = record
    for (let n = 0; n < 7; n++) down = withOutage(down, 'update', at(now), 'me', '')
    expect(until(down, 'update')).toBe(minute)
    expect(until(down, 'update', { owner: 'other' })).toBe(10_000)
    expect(until(down, 'update', { owner: 'other', hasSatOut: true })).toBeUndefined()
  })

  test('by a server that fails in another way each time: as long as by one that always fails in the same', () => {
    const ways: ((of: RegistrationRecord) => RegistrationRecord)[] = [
      (of) => withOutage(of, 'update', at(now), 'me', ''),
      (of) => withSetback(of, 'update', at(now), { said: '' }),
      (of) => withPause(of, 'update', at(now), 1000, ''),
      (of) => withSetback(of, 'renew', at(now), { said: '', hash: 'ours', final: true }),
      (of) => withOutage(of, 'renew', at(now), 'me', ''),
      (of) => withDenial(of, 'update', at(now)),
      (of) => withPause(of, 'renew', at(now), undefined, ''),
    ]
    let failing = record
    const waits = ways.map((fail) => {
      const { failures } = failing
      failing = fail({ ...record, failures })
      return Math.max(until(failing, 'update') ?? 0, until(failing, 'renew') ?? 0) / 1000
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60])
    // What else fails has a row of its own, and a success ends this one.
    const { failures } = failing
    const rested = { ...record, failures }
    expect(until(withOutage(rested, 'register', at(now), 'me', ''), 'register')).toBe(1000)
    expect(until(withOutage(withSuccess(rested, 'renew'), 'update', at(now), 'me', ''), 'update')).toBe(1000)
  })

  test('by a declaration that was refused: by nothing but that, from a minute doubling to a day', () => {
    const refusal = { said: '', hash: 'ours', final: true as const, first: minute, most: day }
    let refused = record
    const lengths = Array.from({ length: 12 }, () => {
      refused = withSetback(refused, 'update', at(now), refusal)
      return until(refused, 'update')
    })
    expect(lengths.slice(0, 4)).toEqual([1, 2, 4, 8].map((n) => n * minute))
    expect(lengths.at(-1)).toBe(day)
    expect(until(refused, 'update', { hash: 'another' })).toBeUndefined()
    expect(until(refused, 'register')).toBeUndefined()
  })
})

describe('registrations', () => {
  const attempted = (attempts: readonly { made?: true; asked?: true; ago: number }[]): RegistrationRecord =>
    attempts.reduce(
      (all: RegistrationRecord, { ago, ...rest }, n) => withAttempt(all, { intent: `i${n}`, at: now - ago, ...rest }),
      record,
    )
  const spent = (attempts: Parameters<typeof attempted>[0], asked = false): number | undefined => {
    const end = spentUntil(attempted(attempts), now, { asked, forgetDelay: minute })
    return end === undefined ? undefined : end - now
  }
  const times = <T>(count: number, of: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => of(n))

  test('that ended in nothing are three an hour', () => {
    expect(spent(times(2, () => ({ ago: 0 })))).toBeUndefined()
    expect(spent([{ ago: hour / 2 }, { ago: 0 }, { ago: 0 }])).toBe(hour / 2)
    expect(spent([{ ago: hour }, { ago: 0 }, { ago: 0 }])).toBeUndefined()
  })

  test('that ended in nothing are twelve a day', () => {
    const ago = (n: number): { ago: number } => ({ ago: day - minute - n * 110 * minute })
    expect(spent(times(12, ago))).toBe(minute)
    expect(spent(times(11, ago))).toBeUndefined()
  })

  test('are five an hour in all, and rotate() counts in these alone', () => {
    expect(spent(times(5, () => ({ ago: minute, made: true as const })))).toBe(hour - minute)
    expect(spent(times(4, () => ({ ago: minute, made: true as const })))).toBeUndefined()
    expect(
      spent(
        times(4, () => ({ ago: 0 })),
        true,
      ),
    ).toBeUndefined()
    expect(
      spent(
        times(5, () => ({ ago: 0, asked: true as const })),
        true,
      ),
    ).toBe(hour)
    expect(spent(times(4, () => ({ ago: 0, asked: true as const })))).toBeUndefined()
  })
})

describe('a doubt', () => {
  const denied = (...instants: number[]): RegistrationRecord =>
    instants.reduce((all, instant) => withDoubt(all, at(instant), 'client'), record)

  test('is confirmed by three denials over forgetDelay, and not by fewer or faster ones', () => {
    expect(isConfirmed(denied(now - minute, now - minute / 2, now), now, minute)).toBe(true)
    expect(isConfirmed(denied(now - minute, now), now, minute)).toBe(false)
    expect(isConfirmed(denied(now - minute + 1, now - 1000, now), now, minute)).toBe(false)
    expect(isConfirmed(denied(now), now, 0)).toBe(true)
  })

  test('ends the longer of an hour and two forgetDelay after the last denial', () => {
    const doubted = denied(now - 2 * hour, now - hour + 1)
    expect(suspicionIn(doubted, now, minute)).toMatchObject({ count: 1 })
    expect(suspicionIn(doubted, now + 1, minute)).toBeUndefined()
    expect(suspicionIn(doubted, now + 1, hour)).toMatchObject({ count: 1 })
  })

  test('of the credentials does not count for one of the client', () => {
    const both = withDoubt(denied(now - minute, now - 1000), at(now), 'credentials')
    expect(both.suspicion).toMatchObject({ of: 'credentials', count: 1 })
  })

  test('is looked at again after half of forgetDelay, twice as long for each client that was given up unseen', () => {
    expect(nextObservation(denied(now), now, minute) - now).toBe(minute / 2)
    const lengths = [0, 1, 2, 3, 20].map((unproven) => patienceWith({ ...record, unproven }, minute) / minute)
    expect(lengths).toEqual([1, 2, 4, 8, 24 * 60])
  })
})

describe('of two declarations', () => {
  const ours: Declaration = { hash: 'ours', metadata: {} }
  const theirs: Declaration = { hash: 'theirs', metadata: {} }
  const inForce = { ...record, declaration: theirs }
  const compare = (of: Partial<RegistrationRecord>, mine = ours, instant = now): string =>
    compareDeclarations({ ...inForce, ...of }, mine, overlap, new Timeline(instant))

  test('the newer one seen wins, where none has a number', () => {
    expect(compare({})).toBe('apply')
  })

  test('the higher generation wins, whenever it comes', () => {
    expect(compare({ declaration: { ...theirs, generation: 2 } }, { ...ours, generation: 3 })).toBe('apply')
    expect(compare({ declaration: { ...theirs, generation: 2 } }, { ...ours, generation: 1 })).toBe('older')
    expect(compare({ declaration: { ...theirs, generation: 2 } })).toBe('older')
    expect(compare({ declaration: ours }, { ...ours, generation: 2 })).toBe('number')
  })

  test('a superseded one is applied when the other has been silent for overlap, twice as long with each return, to a week', () => {
    const superseded = (returns: number): Partial<RegistrationRecord> => ({
      superseded: [{ hash: 'ours', at: now, returns }],
    })
    for (const [returns, wait] of [
      [0, hour],
      [1, 2 * hour],
      [2, 4 * hour],
      [20, 7 * day],
    ] as const) {
      expect(compare(superseded(returns), ours, now + wait - 1)).toBe('older')
      expect(compare(superseded(returns), ours, now + wait)).toBe('apply')
    }
    // Its silence counts from when it last noted itself.
    expect(compare({ ...superseded(0), inForceSeen: now + hour / 2 }, ours, now + hour)).toBe('older')
  })

  test('a return is counted, and an entry ends after 30 days', () => {
    const first = supersede(inForce, ours, now)
    expect(first).toEqual({ superseded: [{ hash: 'theirs', at: now, returns: 0 }], isReturn: false })
    const second = supersede({ ...inForce, declaration: ours, superseded: first.superseded }, theirs, now + hour)
    expect(second.isReturn).toBe(true)
    expect(second.superseded).toContainEqual({ hash: 'theirs', at: now, returns: 1 })
    const later = supersede({ ...inForce, declaration: ours, superseded: first.superseded }, theirs, now + 30 * day)
    expect(later.isReturn).toBe(false)
  })

  test('the one in force notes itself every quarter of overlap, and only while another one waits', () => {
    const waits = { ...inForce, superseded: [{ hash: 'ours', at: now, returns: 0 }] }
    const due = (of: RegistrationRecord, instant: number): boolean =>
      isNoteDue(of, theirs, overlap, new Timeline(instant))
    expect([due(waits, now + overlap / 4 - 1), due(waits, now + overlap / 4)]).toEqual([false, true])
    expect(due({ ...waits, inForceSeen: now + overlap / 4 }, now + overlap / 4)).toBe(false)
    expect(due(inForce, now + day)).toBe(false)
    expect(isNoteDue(waits, ours, overlap, new Timeline(now + day))).toBe(false)
  })
})
