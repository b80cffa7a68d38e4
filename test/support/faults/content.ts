import type { Answered } from '../fault-proxy.ts'
import { sendWhole } from '../fault-proxy.ts'
import { bodied } from './connection.ts'
import type { Effect, KnownFault } from './effect.ts'

type Change = { status?: number; headers?: Record<string, string>; body?: string | Buffer }

/** Sends the answer with something changed in it. */
const content = (name: string, effect: Effect, change: Change | ((answer: Answered) => Change)): KnownFault => ({
  name,
  effect,
  play: async (line) => {
    const answer = await bodied(line)
    const changed = { ...answer, ...(typeof change === 'function' ? change(answer) : change) }
    await sendWhole(line, { ...changed, body: Buffer.from(changed.body) })
  },
})

/** The answer's JSON with further members before its last brace. */
const withMembers =
  (members: string) =>
  ({ body }: Answered): Change => ({ body: body.toString().replace(/\}$/, `,${members}}`) })

/** The same fault, of a server that asks to be left alone for longer than a call has. */
const patient = (fault: KnownFault): KnownFault => ({ ...fault, patience: true })

const html = { 'content-type': 'text/html' }
const json = { 'content-type': 'application/json' }
const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
const manyKeys = Array.from({ length: 2000 }, (_, index) => `"k${index}":1`).join(',')

/** What can be wrong with an answer that came whole. */
export const contentFaults: readonly KnownFault[] = [
  content('no body', 'unreadable', { status: 200, body: '' }),
  content('status 204 where there should be a body', 'unreadable', { status: 204, body: '' }),
  content('a page instead of JSON', 'page', { headers: html, body: '<html><title>Sign in</title></html>' }),
  content('a text instead of JSON', 'unreadable', { headers: { 'content-type': 'text/plain' }, body: 'OK' }),
  content('JSON that breaks off', 'unreadable', ({ body }) => ({ body: body.subarray(0, -5) })),
  content('JSON with something behind it', 'unreadable', ({ body }) => ({ body: `${body.toString()} trailing` })),
  content('a list', 'unreadable', ({ body }) => ({ body: `[${body.toString()}]` })),
  content('null', 'unreadable', { body: 'null' }),
  content('a number', 'unreadable', { body: '42' }),
  content('a string', 'unreadable', ({ body }) => ({ body: JSON.stringify(body.toString()) })),
  content('an empty object', 'unreadable', { body: '{}' }),
  content('an error with the status of a success', 'error', { body: '{"error":"invalid_client_metadata"}' }),
  content('20,000 levels', 'unreadable', withMembers(`"deep":${deep}`)),
  content('2,000 members', 'none', withMembers(manyKeys)),
  content('UTF-16', 'unreadable', ({ body }) => ({ body: Buffer.from(body.toString(), 'utf16le') })),
  content(
    'members that reach for the prototype',
    'none',
    withMembers('"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}'),
  ),
  content('members named twice', 'none', withMembers('"extra":1,"extra":2')),
  content('a byte order mark', 'none', ({ body }) => ({
    body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
  })),
  content('bytes that are no UTF-8', 'none', ({ body }) => ({
    body: Buffer.concat([body.subarray(0, -1), Buffer.from(',"odd":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
  })),
  content('JSON that calls itself a page', 'none', { headers: html }),
  content('JSON that does not say what it is', 'none', { headers: {} }),
  content('a content type of another encoding', 'none', {
    headers: { 'content-type': 'application/json; charset=utf-16' },
  }),
  content('a cookie', 'none', { headers: { ...json, 'set-cookie': 'session=1; path=/' } }),
  content('400 with a sentence for an error', 400, { status: 400, body: '{"error":"This is not what we want here."}' }),
  content('400 with a page', 400, { status: 400, headers: html, body: '<h1>Bad Request' }),
  content('401 without a word', 401, { status: 401, body: '' }),
  content('403 in the header alone', 403, {
    status: 403,
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
    body: '',
  }),
  content('404 without a word', 404, { status: 404, body: '' }),
  content('418 with a whole answer in it', 418, { status: 418 }),
  patient(
    content('429 and a date to come back', 429, {
      status: 429,
      headers: { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' },
      body: '',
    }),
  ),
  content('500 with a whole answer in it', 500, { status: 500 }),
  content('502 with a page', 502, { status: 502, headers: html, body: '<title>Bad Gateway</title>' }),
  patient(
    content('503 and a while to wait', 503, {
      status: 503,
      headers: { 'retry-after': '120' },
      body: '{"error":"temporarily_unavailable"}',
    }),
  ),
  content('504 without a word', 504, { status: 504, body: '' }),
  content('599', 599, { status: 599, body: '' }),
  content('300', 'redirect', { status: 300, body: '' }),
  content('302 without a location', 'redirect', { status: 302, body: '' }),
  content('307 to elsewhere', 'redirect', {
    status: 307,
    headers: { location: 'http://127.0.0.1:9/elsewhere' },
    body: '',
  }),
]
