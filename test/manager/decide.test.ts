import { readFileSync } from 'node:fs'

import type { RegistrationResponse } from '@registrant/core'
import { describe, expect, test } from 'vitest'

import { decide } from '../../packages/core/src/manager/ensure/decide.ts'
import type { Decision, Situation } from '../../packages/core/src/manager/ensure/actions.ts'
import { day, hour } from '../../packages/core/src/manager/record/mark.ts'
import type { Declaration, RegistrationRecord } from '../../packages/core/src/manager/record/record.ts'

const now = Date.UTC(2030, 0, 1)
const overlap = hour
const forgetDelay = 60_000

const declared: Declaration = { hash: 'ours', metadata: {} }
const managed = {
  client_id: 'c',
  client_secret: 's',
  registration_access_token: 't',
  registration_client_uri: 'https://as.example/c',
}
const good: RegistrationRecord = {
  schema: 2,
  identity: ['https://as.example', 'orders'],
  epoch: 'e',
  revision: 7,
  writeId: 'w',
  registration: managed,
  declaration: declared,
}
const situation: Situation = {
  goal: 'ensure',
  options: {},
  declared,
  now,
  overlap,
  forgetDelay,
  isFree: true,
  asking: { owner: 'me', hasSatOut: false },
  renewals: 0,
  isDone: false,
}

/** A record, and what else counts. */
interface Case {
  record?: Partial<RegistrationRecord>
  /** Nothing is stored. */
  isAbsent?: true
  with?: Partial<Situation>
}

const intent = { id: 'i', operation: 'look' as const, owner: 'other', lease: 6500, attempt: 1, started: now }
const bare: RegistrationResponse = { client_id: 'c', client_secret: 's' }
const inForce = { at: now, length: day }
const over = { at: now - 2 * day, length: day }

/** Whether, and how, a client can be updated. */
const managements: Case[] = [
  {},
  { with: { options: { profile: { name: 'no updates', cannot: { update: 'It does not.' } } } } },
  { record: { cannotUpdate: inForce } },
  { record: { registration: bare } },
  { record: { unmanageable: inForce } },
]
const each = (one: Case): Case[] =>
  managements.map((other) => ({
    record: {
      ...one.record,
      ...other.record,
      ...(one.record?.registration && { registration: { ...one.record.registration, ...other.record?.registration } }),
    },
    with: { ...one.with, ...other.with, options: { ...one.with?.options, ...other.with?.options } },
  }))

const ended = { ...managed, client_secret_expires_at: now / 1000 - 1 }
const other: Declaration = { hash: 'other', metadata: { client_name: 'Other' } }
const key = { kid: 'k', madeAt: now - 2 * day, publicJwk: { kty: 'EC' } }
const keys = { version: 1, alg: 'ES256', current: key }
const fetched: Declaration = { hash: 'ours', metadata: { jwks_uri: 'https://orders.example/keys' } }
const published = (at: number): Partial<RegistrationRecord> => ({
  declaration: fetched,
  keys: { ...keys, coming: { ...key, kid: 'next', published: { at, length: hour } } },
})
const denied = { first: now - hour / 2, last: now, count: 3 }
const failed = { at: now, length: hour, count: 1, first: now, said: 'It failed.' }
const left = { register: failed, update: failed, renew: failed, look: failed, choose: failed }

/** What stands in the first column, by cases: the second column is what they come to while somebody is at it. */
const rows: Record<string, { cases: Case[]; whileBusy?: false }> = {
  none: {
    cases: [{ isAbsent: true }, { isAbsent: true, with: { options: { expectExisting: true } } }],
    whileBusy: false,
  },
  'no client': { cases: [{ record: { registration: undefined } }] },
  'no client, an outage ends at once': {
    cases: [
      {
        record: {
          registration: undefined,
          outage: { at: now, length: 900, owner: 'other', said: 'Cut off.' },
        },
      },
    ],
    whileBusy: false,
  },
  'at rest, good': { cases: [{}, ...managements] },
  'another declaration': { cases: each({ record: { declaration: other } }) },
  'superseded declaration': {
    cases: each({ record: { declaration: other, superseded: [{ hash: 'ours', at: now, returns: 0 }] } }),
  },
  'another one waits for silence': {
    cases: [{ record: { superseded: [{ hash: 'other', at: now - hour, returns: 0 }], inForceSeen: now - hour } }],
  },
  'lower generation': { cases: each({ record: { declaration: { ...other, generation: 2 } } }) },
  'higher generation': { cases: [{ with: { declared: { ...declared, generation: 2 } } }] },
  'secret due': { cases: each({ record: { renewAt: now - 1 } }) },
  'secret ended': { cases: each({ record: { renewAt: now - day, registration: ended } }) },
  'keys due': { cases: each({ record: { keys }, with: { options: { keys: { rotateAfter: day } } } }) },
  'keys due, the server fetches them': {
    cases: [
      ...each({ record: { keys, declaration: fetched }, with: { options: { keys: { rotateAfter: day } } } }),
      ...each({ record: published(now - hour), with: { options: { keys: {} } } }),
    ],
  },
  'another key is published': {
    cases: each({ record: published(now), with: { options: { keys: { rotateAfter: day } } } }),
  },
  'key lost': { cases: each({ record: { keys }, with: { lostKey: 'k' } }) },
  'client denied often and long enough': { cases: each({ record: { suspicion: { ...denied, of: 'client' } } }) },
  'credentials denied so': { cases: each({ record: { suspicion: { ...denied, of: 'credentials' } } }) },
  'denied so, and not to be replaced': {
    cases: each({
      record: { declaration: other, suspicion: { ...denied, of: 'client' } },
      with: { options: { reregister: false } },
    }),
  },
  'rotate() asks': { cases: each({ with: { goal: 'rotate' } }) },
  'rotate() asks, the server fetches the keys': {
    cases: each({ record: { keys, declaration: fetched }, with: { goal: 'rotate', options: { keys: {} } } }),
  },
  'read() asks': { cases: each({ with: { goal: 'read' } }) },
  'no client, what the server offers is not known': {
    cases: [
      { isAbsent: true, with: { chosen: 'unknown' } },
      { record: { registration: undefined }, with: { chosen: 'unknown' } },
    ],
    whileBusy: false,
  },
  'no client, one that needs no request': {
    cases: [
      { record: { registration: undefined }, with: { chosen: 'pre-registered' } },
      { record: { registration: undefined }, with: { chosen: 'metadata-document' } },
    ],
  },
  'no client, no route': { cases: [{ record: { registration: undefined }, with: { chosen: 'ask' } }] },
  'registered, another route is preferred': {
    cases: [{ with: { chosen: 'metadata-document' } }, { with: { chosen: 'unknown' } }],
  },
  'registered, declared with another route': {
    cases: each({ record: { declaration: { ...declared, hash: 'other' } } }),
  },
  'not registered, its route is open': {
    cases: [{ record: { route: 'metadata-document' }, with: { chosen: 'metadata-document' } }],
  },
  'not registered, another declaration': {
    cases: [
      { record: { route: 'metadata-document', declaration: other }, with: { chosen: 'metadata-document' } },
      { record: { route: 'metadata-document' }, with: { chosen: 'pre-registered' } },
    ],
  },
  'not registered, what is offered ages': {
    cases: [{ record: { route: 'metadata-document' }, with: { chosen: 'unknown' } }],
  },
  'not registered, its route is closed': {
    cases: [
      { record: { route: 'metadata-document' }, with: { chosen: 'dynamic' } },
      { record: { route: 'pre-registered' } },
    ],
  },
  'not registered, rotate(), read() ask': {
    cases: (['rotate', 'read'] as const).map((goal) => ({
      record: { route: 'pre-registered' },
      with: { goal, chosen: 'pre-registered' },
    })),
  },
  'an update without an answer': {
    cases: each({ record: { intent: { ...intent, operation: 'update', declaration: declared } } }),
    whileBusy: false,
  },
  'whether an update was made is not known': { cases: each({ record: { doubt: other } }) },
  'the token was lost a day ago': {
    cases: [{}, { declaration: other }, { renewAt: now - 1 }, { renewAt: now - day, registration: ended }].map(
      (record) => ({ record: { ...record, unmanageable: over } }),
    ),
  },
  'a starter that died': {
    cases: [
      { record: { intent: { ...intent, operation: 'replace' } } },
      { record: { intent } },
      { record: { intent: { ...intent, operation: 'register' }, registration: undefined, setbacks: left } },
    ],
    whileBusy: false,
  },
  'what it calls for is left alone': {
    cases: [
      { record: { registration: undefined, setbacks: left } },
      { record: { declaration: other, setbacks: left } },
      { record: { renewAt: now - 1, setbacks: left } },
      { record: { renewAt: now - 1, registration: ended, setbacks: left } },
      { record: { suspicion: { ...denied, of: 'client' }, setbacks: left } },
      { record: { setbacks: left }, with: { goal: 'read' } },
    ],
  },
  deleting: { cases: [{ record: { intent: { ...intent, operation: 'delete' } } }] },
  deleted: { cases: [{ record: { deleted: true, registration: undefined } }] },
}

function decided({ record, isAbsent, with: more }: Case, isFree = true): Decision {
  const announced = isFree ? {} : { intent }
  return decide(isAbsent ? undefined : { ...good, ...announced, ...record }, { ...situation, ...more, isFree })
}

/** A decision in a few words. */
function wordsOf(decision: Decision): string {
  if (decision.do === 'stop') return `stop: ${decision.why}`
  return decision.do === 'use' && decision.drift ? 'use: drift' : decision.do
}

const cell = (cases: Case[], isFree: boolean): string =>
  [...new Set(cases.map((one) => wordsOf(decided(one, isFree))))].join(', ')

const table = [
  ['record', 'somebody is at it', 'free'],
  ...Object.entries(rows).map(([name, { cases, whileBusy = true }]) => [
    name,
    whileBusy ? cell(cases, false) : '-',
    cell(cases, true),
  ]),
]

const root = new URL('../../', import.meta.url)

/** The first table of a page, or of a docstring, cell by cell. */
function tableIn(file: string, begin: string): string[][] {
  const lines = readFileSync(new URL(file, root), 'utf8').split('\n')
  const first = lines.findIndex((line) => line.startsWith(`${begin}| record`))
  const length = lines.slice(first).findIndex((line) => !line.startsWith(`${begin}|`))
  const told = lines.slice(first, first + length).filter((line) => !line.startsWith(`${begin}| -`))
  return told.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((text) => text.trim()),
  )
}

test.for([
  ['the docstring', 'packages/core/src/manager/ensure/decide.ts', ' * '],
  ['the page about the life of a registration', 'docs/lifecycle.md', ''],
] as const)('the table in %s is what the code does', ([, file, begin]) => {
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]): string =>
    `${begin}| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  expect(tableIn(file, begin).map(line).join('\n')).toBe(table.map(line).join('\n'))
})

describe('a decision says from when on it may be another one', () => {
  const moments: Record<string, [one: Case, until: number]> = {
    'a good record: never': [{}, Infinity],
    'a secret: when it is due': [{ record: { renewAt: now + hour } }, now + hour],
    'keys: when they are': [
      {
        record: { keys: { ...keys, current: { ...key, madeAt: now } } },
        with: { options: { keys: { rotateAfter: day } } },
      },
      now + day,
    ],
    'a published key: when it signs': [
      { record: published(now - hour / 4), with: { options: { keys: { rotateAfter: day } } } },
      now + hour - hour / 4,
    ],
    'a superseded declaration: when the other has been silent': [
      { record: { declaration: other, superseded: [{ hash: 'ours', at: now - hour / 2, returns: 0 }] } },
      now + hour / 2,
    ],
    'what is left alone: until that is over': [{ record: { declaration: other, setbacks: left } }, now + hour],
    'a renewal after an update that failed: when another request like that may be sent': [
      { record: { renewAt: now - 1, setbacks: { update: failed }, failures: { update: 3 } } },
      now + 4000,
    ],
    'a server that can not update: when it is asked again': [
      { record: { declaration: other, cannotUpdate: { at: now - hour, length: day }, setbacks: left } },
      now + hour,
    ],
    'a lost token: when it is looked at again': [
      { record: { declaration: other, unmanageable: { at: now - hour, length: day } } },
      now + day - hour,
    ],
  }
  for (const [name, [one, until]] of Object.entries(moments)) {
    test(name, () => {
      expect(decided(one).until).toBe(until)
      // It holds until then, and not longer.
      if (until === Infinity) return
      const later = (at: number): string => wordsOf(decided({ ...one, with: { ...one.with, now: at } }))
      expect(later(until - 1)).toBe(wordsOf(decided(one)))
      expect(later(until)).not.toBe(wordsOf(decided(one)))
    })
  }
})

test('no record makes it do what is left alone, and nothing that stops is for ever', () => {
  for (const { cases } of Object.values(rows)) {
    for (const one of cases) {
      // rotate() is left alone by the bound on all registrations only.
      if (one.isAbsent || one.with?.goal === 'rotate') continue
      const record = { ...one.record, setbacks: left }
      const held = decided({ ...one, record })
      const asks = ['register', 'replace', 'update', 'publish-keys', 'renew', 'look', 'choose'].includes(held.do)
      expect(asks, wordsOf(held)).toBe(false)
      if (held.do === 'stop' && held.why === 'left-alone') expect(held.until).toBeLessThanOrEqual(now + hour)
    }
  }
})
