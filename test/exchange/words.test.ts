import { UnexpectedAnswerError } from '@registrant/node'
import { readDeletion, readRegistration } from '@registrant/node/exchange'
import { describe, expect, test } from 'vitest'

import { answerOf, as, requestOf } from '../support/reading.ts'

const post = { request: requestOf('POST'), server: as }

function refusal(body: unknown, headers: Record<string, string> = {}, token?: string): object {
  try {
    readDeletion(answerOf(body, { status: 429, ...headers }), { request: requestOf('DELETE', token) })
  } catch (error) {
    return Object(error)
  }
  return {}
}

describe('what a server says is kept', () => {
  test('a sentence in error beside a description', () => {
    const body = { error: 'The resource could not be found.', error_description: 'Unable to locate it' }
    expect(refusal(body)).toMatchObject({ errorDescription: 'The resource could not be found. Unable to locate it' })
  })

  test.for(['GET', 'PUT', 'DELETE'] as const)('a conflict at %s is not called one with another client', (method) => {
    const read = (): unknown => readDeletion(answerOf({}, { status: 409 }), { request: requestOf(method) })
    expect(read).toThrow('It conflicts with what is there.')
  })

  test('a reason that stands behind 700 characters of boilerplate', () => {
    const error_description = `${'boilerplate '.repeat(58)}the reason`
    expect(refusal({ error: 'invalid_client_metadata', error_description })).toMatchObject({
      errorDescription: error_description,
      message: expect.stringContaining('the reason'),
    })
  })

  test('a success that holds an OAuth error is told as one, and not that the server has acted', () => {
    const answer = answerOf({ error: 'invalid_client_metadata', error_description: 'no' }, { status: 200 })
    const read = (): unknown => readRegistration(answer, post)
    expect(read).toThrow(UnexpectedAnswerError)
    expect(read).toThrow(expect.objectContaining({ error: 'invalid_client_metadata', errorDescription: 'no' }))
    expect(read).toThrow(expect.objectContaining({ outcome: 'refused' }))
    expect(read).not.toThrow(/has acted/)
  })

  test.for([
    ['trouble of the server', { error: 'server_error' }],
    ['a sentence', { error: 'It went wrong.' }],
    ['an object', { error: { code: 'invalid_request' } }],
    ['a code elsewhere', { code: 'E11' }],
  ])('a success that holds %s proves neither', ([, body]) => {
    expect(() => readRegistration(answerOf(body), post)).toThrow(expect.objectContaining({ outcome: 'unknown' }))
  })

  test('a success that names a client has acted, whatever else it says', () => {
    const body = '{"error":"invalid_request","client_id":"c","x":'
    expect(() => readRegistration(answerOf(body), post)).toThrow(
      expect.objectContaining({ outcome: 'accepted', client_id: 'c' }),
    )
  })

  test.for([
    ['a client elsewhere in it', { error: 'invalid_client_metadata', details: { client_id: 'c' } }],
    ['the client that it is about', { error: 'invalid_token', error_description: 'expired', client_id: 'c' }],
  ] as const)('an OAuth error that names %s has made none', ([, body]) => {
    const read = (): unknown => readRegistration(answerOf(body, { status: 200 }), post)
    expect(read).toThrow(expect.objectContaining({ error: body.error, outcome: 'refused' }))
    expect(read).not.toThrow(expect.objectContaining({ client_id: 'c' }))
  })

  test.for([
    ['a sentence', { error: 'Redirect URI is not allowed for this client' }],
    ['a name', { error: 'InvalidRedirectUri' }],
    ['an object', { error: { code: 400, message: 'no' } }],
    ['a mark', { error: true, message: 'no' }],
  ] as const)('an error that is %s beside a client_id is neither a registration nor a deletion', ([, members]) => {
    const answer = answerOf({ client_id: 'c', ...members }, { status: 200 })
    for (const method of ['POST', 'GET', 'PUT'] as const)
      expect(() => readRegistration(answer, { ...post, request: requestOf(method) })).toThrow(
        expect.objectContaining({ outcome: 'unknown', client_id: 'c' }),
      )
    expect(() => readDeletion(answer, { request: requestOf('DELETE') })).toThrow(UnexpectedAnswerError)
  })

  test.for([
    ['is null', { error: null }],
    ['is false', { error: false }],
    ['is empty', { error: '' }],
    ['is an object', { error: { code: 0 } }],
    ['stands beside a redirect URI', { error: 'No mail was sent', redirect_uris: ['https://app.example/cb'] }],
    ['stands beside a secret', { error: 'not_mailed', client_secret: 'a-secret' }],
  ] as const)('a registration whose error %s is one', ([, members]) => {
    expect(readRegistration(answerOf({ client_id: 'c', ...members }), post).value).toMatchObject({ client_id: 'c' })
  })

  test('a page that names a client in its script is a page', () => {
    const page = '<!doctype html><title>Sign in</title><script>var oidc = {"client_id":"proxy"}</script>'
    for (const request of [requestOf('POST'), requestOf('GET'), requestOf('PUT')]) {
      const read = (): unknown => readRegistration(answerOf(page, { status: 200 }), { ...post, request })
      expect(read).toThrow(expect.objectContaining({ outcome: 'unknown' }))
      expect(read).not.toThrow(expect.objectContaining({ client_id: 'proxy' }))
    }
  })

  test('a sign-in page is told as a page, with its title, and not that the server has acted', () => {
    const page = '<!doctype html><title>Sign in - Example</title>'
    const answer = answerOf(page, { status: 200, 'content-type': 'text/html' })
    expect(() => readRegistration(answer, post)).toThrow(/is a page.*Sign in - Example/)
    expect(() => readRegistration(answer, post)).toThrow(expect.objectContaining({ outcome: 'unknown' }))
    expect(() => readRegistration(answer, post)).not.toThrow(/has acted/)
  })

  test('what one answer has many times is one deviation, which names the members', () => {
    const body = { client_id: 'c', client_uri: '', logo_uri: '', contacts: null, jwks: null, tos_uri: '' }
    const { deviations } = readRegistration(answerOf(body), post)
    expect(deviations.map(({ rule }) => rule)).toEqual(['empty', 'null'])
    expect(deviations[0]).toMatchObject({ member: 'client_uri, logo_uri, tos_uri' })
    expect(deviations[1]?.message).toContain('contacts, jwks')
  })

  test('thousands of names in other types are one deviation, beside what is told of other members', () => {
    const names = Array.from({ length: 5000 }, (_, index) => [`client_name#x-${index}`, index])
    const body = { client_id: 'c', client_secret_expires_at: '0', ...Object.fromEntries(names) }
    const { deviations, value } = readRegistration(answerOf(body), post)
    expect(deviations.map(({ rule }) => rule)).toEqual(['type', 'type', 'expiry-without-secret'])
    expect(deviations[1]?.member).toMatch(/^client_name#x-0, .*client_name#x-19 and 4980 more$/)
    expect(value['client_name#x-4999']).toBe('4999')
  })

  test('256 KiB of what could reach a prototype are one deviation, and soon told', () => {
    const body = `{"client_id":"c","x":[${'{"__proto__":0},'.repeat(16_000)}0]}`
    const before = process.cpuUsage()
    const readings = Array.from({ length: 5 }, () => readRegistration(answerOf(body), post))
    // They take 400 ms; what grows with the square of their number takes several seconds.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1500)
    for (const { deviations } of readings) expect(deviations.map(({ rule }) => rule)).toEqual(['unsafe-member'])
  })

  test('a redirect is told with its status', () => {
    const answer = answerOf('', { status: 307, location: '/register/' })
    expect(() => readRegistration(answer, post)).toThrow(expect.objectContaining({ rule: 'redirect', status: 307 }))
    expect(() => readRegistration(answer, post)).toThrow('(307) to https://as.example/register/')
  })
})

describe('of an error whose JSON holds new secrets nothing is told but its code and sentence', () => {
  const record = '{"client_id":"c1","client_secret":"a-new-secret","registration_access_token":"a-new-token"'
  test.for([
    ['cut off', record],
    ['with a comma too much', `${record},}`],
    ['followed by another', `${record}}\n{"error":"server_error"}`],
    ['in a list', `[${record}}]`],
    ['in a list that is cut off', ` [ ${record}`],
  ] as const)('%s', ([, body]) => {
    for (const type of ['application/json', 'text/plain']) {
      const read = (): unknown => readRegistration(answerOf(body, { status: 500, 'content-type': type }), post)
      expect(read).toThrow(expect.objectContaining({ status: 500 }))
      expect(read).not.toThrow(/a-new/)
      expect(read).not.toThrow(expect.objectContaining({ errorDescription: expect.anything() }))
    }
  })

  test.for([
    ['a list of errors', [{ error: 'invalid_client_metadata', message: 'no scope' }], 'no scope'],
    ['a list of sentences', ['no scope'], 'no scope'],
    ['a text that begins like a list', '[ERROR] no scope', '[ERROR] no scope'],
  ] as const)('but %s is read', ([, body, errorDescription]) => {
    expect(refusal(body)).toMatchObject({ errorDescription })
  })
})

describe('when a server asks to be left alone, in whatever form', () => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  test.for([
    ['seconds', { 'retry-after': '30' }],
    ['IMF-fixdate', { 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT' }],
    ['RFC 850', { 'retry-after': 'Sunday, 06-Nov-94 08:50:07 GMT' }],
    ['seconds, twice', { 'retry-after': '7, 30' }],
    ['asctime', { 'retry-after': 'Sun Nov  6 08:50:07 1994' }],
    ['a day of one digit', { 'retry-after': 'Sun, 6 Nov 1994 08:50:07 GMT' }],
    ['RateLimit-Reset', { 'ratelimit-reset': '30' }],
    ['X-RateLimit-Reset, since the epoch', { 'x-ratelimit-reset': '784111807' }],
    ['X-Rate-Limit-Reset, milliseconds since the epoch', { 'x-rate-limit-reset': '784111807000' }],
    ['Retry-After counts more', { 'retry-after': '30', 'ratelimit-reset': '7' }],
  ] as const)('%s', ([, headers]) => {
    expect(refusal('', { date, ...headers })).toMatchObject({ retryAfter: 30_000 })
  })

  test('RFC 850 means the year that lies less than 50 years ahead', () => {
    const then = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000)
    const [, day, month, year = '', time] = then.toUTCString().split(' ')
    const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
    const retryAfter = `${days[then.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${time} GMT`
    const { retryAfter: told } = Object(refusal('', { 'retry-after': retryAfter }))
    expect(told).toBeGreaterThan(3_590_000)
    expect(told).toBeLessThanOrEqual(3_602_000)
  })

  test('when a count starts anew is no wait where nobody asks for patience', () => {
    const answer = answerOf({ error: 'invalid_redirect_uri' }, { status: 400, 'x-rate-limit-reset': '60' })
    expect(() => readRegistration(answer, post)).toThrow(expect.not.objectContaining({ retryAfter: 60_000 }))
  })

  test.for(['soon', '-1', '', 'Sun Nov  6 1994', 'Sun, 06 Foo 1994 08:50:07 GMT', '1994-11-06T08:50:07Z'])(
    'but not %o',
    (value) => {
      expect(refusal('', { date, 'retry-after': value })).not.toHaveProperty('retryAfter')
    },
  )
})

describe('a secret is struck out in every spelling', () => {
  const secret = 'geheim-schlüssel-🔑-9'
  test.for([
    ['UTF-8 in a URL', encodeURIComponent(secret)],
    ['UTF-8 in a form', new URLSearchParams({ a: secret }).toString().slice(2)],
    ['UTF-8 in small letters', encodeURIComponent(secret).toLowerCase()],
    ['JSON', secret.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)],
  ])('%s', ([, spelled = '']) => {
    const told = refusal({ error: 'odd', error_description: `it was ${spelled} here` }, {}, secret)
    expect(told).toMatchObject({ errorDescription: 'it was [redacted] here' })
  })

  test.for([
    ['%0', 'access+token/of-a-client'],
    ['%6', 'access+token/of-a-client'],
    ['%', '5access+token/of-a-client'],
    ['\\u00', '6access+token/of-a-client'],
    ['&#x', '6a;ccess+token/of-a-client'],
  ])('behind %s, which with its first letters would spell something else', ([before = '', hidden = '']) => {
    const told = refusal(
      { error: 'odd', error_description: `it was ${before}${encodeURIComponent(hidden)} here` },
      {},
      hidden,
    )
    expect(told).toMatchObject({ errorDescription: `it was ${before}[redacted] here` })
  })

  test('a very short one garbles no text around it', () => {
    const error_description = 'a token that is a bad one'
    expect(refusal({ error: 'odd', error_description }, {}, 'at')).toMatchObject({
      errorDescription: error_description,
    })
    expect(refusal({ error: 'odd', error_description: 'got "at".' }, {}, 'at')).toMatchObject({
      errorDescription: 'got "[redacted]".',
    })
  })
})
