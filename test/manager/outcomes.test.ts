import { describe, expect, test } from 'vitest'

import { InvalidRequestError, TransportError } from '../../packages/core/src/errors.ts'
import { mayHaveMade, meaningOf } from '../../packages/core/src/manager/ensure/outcomes.ts'
import {
  afterDeletion,
  afterUpdate,
  meaningOfDeletion,
  seenOf,
  witnessOf,
} from '../../packages/core/src/manager/maintain/verdicts.ts'
import type { Seen } from '../../packages/core/src/manager/maintain/verdicts.ts'
import {
  NotSupportedError,
  PolicyError,
  ServerRefusedError,
  UnexpectedAnswerError,
} from '../../packages/core/src/server-errors.ts'

const registration = { client_id: 'c' }
const refused = (status: number, error?: string, retryAfter?: number): ServerRefusedError =>
  new ServerRefusedError('no', { status, error, retryAfter, outcome: status < 500 ? 'refused' : 'unknown' })
const redirect = new PolicyError('no', { rule: 'redirect', outcome: 'unknown' })
const lost = new TransportError('no', { outcome: 'unknown' })
const notSent = new TransportError('no', { outcome: 'not-sent' })
const page = new UnexpectedAnswerError('no', { status: 200, body: '<html>', outcome: 'unknown' })
const unreadable = new UnexpectedAnswerError('no', { status: 200, body: 'OK', outcome: 'accepted' })
const refusedBy200 = (error: string): UnexpectedAnswerError =>
  new UnexpectedAnswerError('no', { status: 200, body: '{"error":', error, outcome: 'refused' })
const widened = new PolicyError('no', { rule: 'redirect-uri-added', outcome: 'accepted', registration })
const ourRule = new InvalidRequestError([{ member: 'm', rule: 'r', level: 'MUST', source: 's', message: 'm' }])
const noProfile = new NotSupportedError('unsupported', 'no')

/** What the answers to an update mean, and what a look decides then; one word: no look is needed. */
const updates: [answers: Record<string, unknown>, follows: string][] = [
  [
    { '200 OK': unreadable, '200 invalid_token': refusedBy200('invalid_token') },
    'applied, back-off, repeat, unconfirmed, unconfirmed, unconfirmed',
  ],
  // Nothing that a page says is an answer: where the look finds another page, the update is made later.
  [{ '200 <html>': page }, 'applied, back-off, repeat, unconfirmed, unconfirmed, outage'],
  [
    { 405: refused(405), 501: refused(501), 'the profile': noProfile },
    'cannot-update, cannot-update, cannot-update, setback, cannot-update, outage',
  ],
  [
    {
      401: refused(401),
      410: refused(410),
      '400 invalid_token': refused(400, 'invalid_token'),
      '400 invalid_client': refused(400, 'invalid_client'),
      '400 access_denied': refused(400, 'access_denied'),
    },
    'repeat, repeat, repeat, setback, setback, outage',
  ],
  [
    {
      redirect,
      404: refused(404),
      415: refused(415),
      'a bare 403': refused(403),
      "403 with a framework's word": refused(403, 'Forbidden'),
    },
    'applied, repeat-later, repeat-later, setback, cannot-update, outage',
  ],
  [{ 500: refused(500), 503: refused(503), 'no answer': lost }, 'applied, back-off, repeat, setback, back-off, outage'],
  [
    { 429: refused(429), '503 with a wait': refused(503, undefined, 1000), '401 with one': refused(401, 'x', 1) },
    'later',
  ],
  [
    {
      400: refused(400),
      422: refused(422),
      '403 with a code': refused(403, 'insufficient_scope'),
      '200 with a code': refusedBy200('invalid_client_metadata'),
      'our rules': ourRule,
    },
    'refused',
  ],
  [{ 'more than was asked for': widened }, 'unusable'],
  [{ 'nothing left': notSent }, 'not-sent'],
]
const looks: Seen[] = ['declared', 'client', 'silent', 'denied', 'cannot', 'nothing']

describe('an update', () => {
  for (const [answers, follows] of updates) {
    for (const [name, error] of Object.entries(answers)) {
      test(`answered ${name} comes to ${follows}`, () => {
        const after = afterUpdate[meaningOf(error)]
        expect(typeof after === 'string' ? after : looks.map((seen) => after[seen]).join(', ')).toBe(follows)
      })
    }
  }
})

test('a look shows a denial by 401, 404, 410 or a 400 of the token; 403 is none, and no proof of life either', () => {
  const denials = [
    refused(401),
    refused(404),
    refused(410),
    refused(400, 'invalid_token'),
    refused(400, 'invalid_client'),
  ]
  expect(denials.map(seenOf)).toEqual(denials.map(() => 'denied'))
  expect([refused(405), refused(501), noProfile].map(seenOf)).toEqual(['cannot', 'cannot', 'cannot'])
  const nothing = [
    refused(403),
    refused(403, 'access_denied'),
    refused(500),
    redirect,
    lost,
    page,
    refused(404, undefined, 9),
  ]
  expect(nothing.map(seenOf)).toEqual(nothing.map(() => 'nothing'))
})

const deletions: [answers: Record<string, unknown>, follows: string][] = [
  [
    {
      405: refused(405),
      501: refused(501),
      redirect,
      403: refused(403),
      '403 with a code': refused(403, 'insufficient_scope'),
      400: refused(400),
      409: refused(409),
      'the profile': noProfile,
    },
    'impossible',
  ],
  [{ 429: refused(429), '503 with a wait': refused(503, undefined, 1000), 'nothing left': notSent }, 'as-before'],
  [
    {
      401: refused(401),
      404: refused(404),
      410: refused(410),
      500: refused(500),
      'no answer': lost,
      '400 of the token': refused(400, 'invalid_token'),
    },
    'as-before where the client is shown, ask, open where nobody answers',
  ],
]

describe('a deletion', () => {
  for (const [answers, follows] of deletions) {
    for (const [name, error] of Object.entries(answers)) {
      test(`answered ${name} comes to ${follows}`, () => {
        const after = afterDeletion[meaningOfDeletion(error)]
        const words =
          typeof after === 'string'
            ? after
            : `${after.client} where the client is shown, ${after.else}, ${after.nothing} where nobody answers`
        expect(words).toBe(follows)
      })
    }
  }
})

test('a registration may have made a client by a 2xx, no answer, a redirect or a 5xx, but for a 503 with a wait', () => {
  const made = [unreadable, widened, lost, redirect, refused(500), refused(503), refused(504, undefined, 1000)]
  expect(made.map((error) => mayHaveMade(error))).toEqual(made.map(() => true))
  const none = [refused(400), refused(401), refused(403), refused(404), refused(405), refused(429), notSent, ourRule]
  const waiting = [refused(503, undefined, 1000)]
  const others = [page, refusedBy200('invalid_client_metadata'), refusedBy200('invalid_token')]
  for (const error of [...none, ...waiting, ...others]) expect(mayHaveMade(error)).toBe(false)
})

describe('the token endpoint, asked as a client and as one that cannot exist', () => {
  const say = (text: string): { status: number; error?: string } | undefined => {
    if (text === 'no answer') return undefined
    const [status = '', error] = text.split(' ')
    return { status: Number(status), ...(error && { error }) }
  }
  /** Each line: client, control, what it says of a client with the code grant, and of one without. */
  const table = `
    400 invalid_grant          | 401 invalid_client      | alive   | alive
    400 invalid_grant          | 400 invalid_client      | alive   | alive
    400 unauthorized_client    | 401 invalid_client      | denied  | nothing
    401 invalid_client         | 401 invalid_client      | denied  | denied
    400 invalid_client         | 400 invalid_client      | denied  | denied
    401 unauthorized_client    | 401 invalid_client      | denied  | denied
    401 invalid_client         | 400 invalid_grant       | denied  | denied
    403 unauthorized_client    | 403 unauthorized_client | nothing | nothing
    400 unsupported_grant_type | 400 unsupported_grant_type | nothing | nothing
    400 invalid_grant          | 400 invalid_grant       | nothing | nothing
    400 invalid_request        | 400 invalid_request     | nothing | nothing
    400 invalid_request        | 401 invalid_client      | alive   | alive
    403                        | 403                     | nothing | nothing
    401                        | 401 invalid_client      | nothing | nothing
    400 invalid_grant          | 401                     | nothing | nothing
    200                        | 401 invalid_client      | nothing | nothing
    302                        | 401 invalid_client      | nothing | nothing
    404 invalid_client         | 401 invalid_client      | nothing | nothing
    429 invalid_client         | 401 invalid_client      | nothing | nothing
    500 invalid_client         | 401 invalid_client      | nothing | nothing
    400 server_error           | 401 invalid_client      | nothing | nothing
    400 temporarily_unavailable | 401 invalid_client     | nothing | nothing
    400 invalid_grant          | 503 server_error        | nothing | nothing
    400 invalid_grant          | 429 slow_down           | nothing | nothing
    401 invalid_client         | no answer               | nothing | nothing
    no answer                  | 401 invalid_client      | nothing | nothing`
  for (const line of table.trim().split('\n')) {
    const [client = '', control = '', ...said] = line.split('|').map((text) => text.trim())
    test(`${client}, where that one hears ${control}: ${said.join(', without the code grant ')}`, () => {
      expect([true, false].map((hasCode) => witnessOf(say(client), say(control), hasCode))).toEqual(said)
    })
  }
})
