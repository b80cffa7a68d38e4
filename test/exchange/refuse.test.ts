import { inspect } from 'node:util'

import { PolicyError, RegistrationError, UnexpectedAnswerError } from '@registrant/node'
import {
  configurationRequest,
  discoveryRequests,
  readDeletion,
  readRegistration,
  readServer,
  readToken,
  registrationRequest,
  tokenRequest,
  updateRequest,
} from '@registrant/node/exchange'
import type { RegistrationRequest } from '@registrant/node'
import { hydra } from '@registrant/node/profiles'
import { describe, expect, test } from 'vitest'

import { answerOf, as, reading, requestOf } from '../support/reading.ts'

/** What a call throws; that it returns fails the test. */
function thrown(call: () => unknown): RegistrationError {
  try {
    call()
  } catch (error) {
    if (error instanceof RegistrationError) return error
    throw error
  }
  throw new Error('This should have been refused')
}

const current = {
  client_id: 'c1',
  client_secret: 'secret-that-is-held',
  registration_access_token: 'management-token-that-is-held',
  registration_client_uri: 'https://as.example/register/c1',
}

describe('a success that is none is refused', () => {
  test.for([
    ['nothing', ''],
    ['blanks', '   '],
    ['a text', 'OK'],
    ['a list', '[{"client_id":"c1"}]'],
    ['a string', '"c1"'],
    ['null', 'null'],
    ['33 levels', `{"client_id":"c1","x":${'['.repeat(33)}${']'.repeat(33)}}`],
    ['513 members', JSON.stringify(Object.fromEntries(Array.from({ length: 513 }, (_, index) => [`m${index}`, 1])))],
    ['no client_id', '{"client_secret":"a-secret-of-a-day"}'],
    ['an empty client_id', '{"client_id":""}'],
    ['a client_id of null', '{"client_id":null}'],
    ['a number as client_id', '{"client_id":12345678901234567890}'],
    ['a list as client_id', '{"client_id":["c1"]}'],
    ['a secret that was rounded on the way', '{"client_id":"c1","client_secret":12345678901234567890}'],
    ['a secret that is a fraction', '{"client_id":"c1","client_secret":12.5}'],
    ['a secret that is an object', '{"client_id":"c1","client_secret":{"value":"a-secret-of-a-day"}}'],
    ['a management token that is an object', '{"client_id":"c1","registration_access_token":{"value":"t"}}'],
  ] as const)('%s', ([, body]) => {
    const error = thrown(() => reading(body))
    expect(error).toBeInstanceOf(UnexpectedAnswerError)
    expect(error).toMatchObject({ status: 201, outcome: 'accepted', body })
    expect(error.message).toContain('look there before repeating')
    expect(Object.keys(error)).not.toContain('body')
    expect(inspect(error)).not.toContain('a-secret-of-a-day')
  })

  test('a body that was cut off is no success, and its client_id is saved from it', () => {
    const answer = { ...answerOf('{"client_id":"c\\u0031","client_secret":"half a sec'), cutOff: 'broken' as const }
    const error = thrown(() => readRegistration(answer, { request: requestOf('POST'), server: as }))
    expect(error).toMatchObject({ client_id: 'c1', outcome: 'accepted' })
  })

  test('a number as client_id is told as it stood, digit by digit', () => {
    expect(thrown(() => reading('{"client_id": 12345678901234567890}'))).toMatchObject({
      client_id: '12345678901234567890',
    })
  })

  test('what an answer with the status of a success says against it is told', () => {
    const error = thrown(() => reading({ error: 'invalid_redirect_uri', error_description: 'no fragment' }))
    expect(error.message).toContain('invalid_redirect_uri no fragment')
  })

  test('a token answer without a token', () => {
    const request = tokenRequest(
      { ...as, token_endpoint: 'https://as.example/token' },
      { grant_type: 'client_credentials' },
    )
    for (const body of [{}, { access_token: '' }, { access_token: 7 }, { access_token: null }])
      expect(thrown(() => readToken(answerOf(body, { status: 200 }), { request }))).toMatchObject({
        code: 'unexpected-answer',
        outcome: 'not-sent',
      })
  })
})

describe('what widens or swaps a client is refused, and the client is handed over for deletion', () => {
  const cb = 'https://app.example/cb'
  const rows: [what: string, rule: string, members: object, sent: RegistrationRequest][] = [
    [
      'an added redirect URI',
      'redirect-uri-added',
      { redirect_uris: [cb, 'https://evil.example/cb'] },
      { redirect_uris: [cb] },
    ],
    [
      'a widened redirect URI',
      'redirect-uri-added',
      { redirect_uris: ['https://app.example/*'] },
      { redirect_uris: [cb] },
    ],
    ['another scheme', 'redirect-uri-added', { redirect_uris: ['http://app.example/cb'] }, { redirect_uris: [cb] }],
    ['a redirect URI where none was asked for', 'redirect-uri-added', { redirect_uris: [cb] }, { redirect_uris: [] }],
    ['a redirect URI where nothing was said of it', 'redirect-uri-added', { redirect_uris: [cb] }, {}],
    [
      'no authentication',
      'authentication-downgraded',
      { token_endpoint_auth_method: 'none' },
      { token_endpoint_auth_method: 'private_key_jwt' },
    ],
    [
      'another statement',
      'statement-altered',
      { software_statement: 'e30.e30.other' },
      { software_statement: 'e30.e30.mine' },
    ],
  ]
  test.for(rows)('%s: %s', ([, rule, members, sent]) => {
    const error = thrown(() => reading({ client_id: 'c1', client_secret: 'fresh-secret', ...members }, { sent }))
    expect(error).toBeInstanceOf(PolicyError)
    expect(error).toMatchObject({
      rule,
      outcome: 'accepted',
      registration: { client_id: 'c1', client_secret: 'fresh-secret' },
    })
    expect(Object.keys(error)).not.toContain('registration')
    expect(inspect(error) + JSON.stringify(error)).not.toContain('fresh-secret')
  })

  test('redirect URIs that the software statement itself asks for are asked for', () => {
    const claims = Buffer.from(JSON.stringify({ redirect_uris: [cb] })).toString('base64url')
    const sent = { software_statement: `e30.${claims}.c2ln` }
    expect(reading({ client_id: 'c1', redirect_uris: [cb] }, { sent }).value.redirect_uris).toEqual([cb])
    expect(thrown(() => reading({ client_id: 'c1', redirect_uris: [cb, `${cb}2`] }, { sent }))).toMatchObject({
      rule: 'redirect-uri-added',
    })
  })

  test.for(['GET', 'PUT'] as const)('another client_id in the answer to %s: client-id-changed', (method) => {
    const error = thrown(() => reading({ client_id: 'c2' }, { request: requestOf(method), current }))
    expect(error).toMatchObject({ rule: 'client-id-changed', outcome: 'accepted' })
  })
})

describe('an address that a token would be lost at is never contacted: management-address', () => {
  test.for([
    ['another origin', 'https://evil.example/register/c1'],
    ['another port', 'https://as.example:8443/register/c1'],
    ['http', 'http://as.example/register/c1'],
    ['user info', 'https://user@as.example/register/c1'],
    ['a password', 'https://user:pw@as.example/register/c1'],
    ['a fragment', 'https://as.example/register/c1#x'],
    ['an empty fragment', 'https://as.example/register/c1#'],
    ['another scheme', 'ftp://as.example/register/c1'],
    ['javascript:', 'javascript:alert(1)'],
    ['data:', 'data:text/html,x'],
    ['file:', 'file:///etc/passwd'],
    ['a backslash that leads elsewhere', 'https:\\\\evil.example\\c1'],
    ['a name that only begins alike', 'https://as.example.evil.example/register/c1'],
  ] as const)('%s', ([, registration_client_uri]) => {
    const { value, deviations, raw } = reading({ client_id: 'c1', registration_client_uri })
    // What the option allowedOrigins or allowHttp may allow later is not lost.
    const { protocol } = new URL(registration_client_uri)
    const mayHelp = /^https?:$/.test(protocol) && !/@|#/.test(registration_client_uri)
    const option = protocol === 'http:' ? 'allowHttp' : 'allowedOrigins'
    expect(value.registration_client_uri).toBe(mayHelp ? registration_client_uri : undefined)
    expect(deviations).toMatchObject([
      {
        rule: 'management-address',
        member: 'registration_client_uri',
        message: expect.stringContaining(mayHelp ? `until the option ${option} names it.` : "can't be managed."),
      },
    ])
    expect(raw).toHaveProperty('registration_client_uri', registration_client_uri)
    for (const call of [
      () => configurationRequest(as, { ...current, registration_client_uri }),
      () => updateRequest(as, { ...current, registration_client_uri }, {}),
    ])
      expect(thrown(call)).toMatchObject({ code: 'policy', rule: 'management-address', outcome: 'not-sent' })
  })

  test('unless its origin is named', () => {
    const registration_client_uri = 'https://manage.example/c1'
    for (const allowedOrigins of [['https://manage.example'], ['https://manage.example/']])
      expect(reading({ client_id: 'c1', registration_client_uri }, { allowedOrigins }).deviations).toEqual([])
  })

  test('an address that leads on from the registration endpoint needs no metadata that name it, where a profile knows it', () => {
    const context = { server: { issuer: 'https://as.example' } }
    const relative = { client_id: 'c1', registration_client_uri: '/oauth2/register/c1' }
    const profile = { ...hydra, managementUri: '{registration_endpoint}/{client_id}' } as const
    for (const [said, by] of [
      [relative, hydra],
      [{ client_id: 'c1' }, profile],
    ] as const)
      expect(reading(said, { ...context, profile: by }).value).toHaveProperty(
        'registration_client_uri',
        'https://as.example/oauth2/register/c1',
      )
  })

  test('an identifier that no address can hold does not break the address that a profile makes', () => {
    const profile = { name: 'any', managementUri: '{registration_endpoint}/{client_id}' } as const
    const { value } = reading('{"client_id":"\\ud800$&/../x"}', { profile })
    expect(value.registration_client_uri).toBe('https://as.example/register/%EF%BF%BD%24%26%2F..%2Fx')
  })
})

describe('what harms whoever clicks or fetches it is taken out', () => {
  test.for([
    ['dangerous-uri', 'client_uri', 'javascript:alert(1)'],
    ['dangerous-uri', 'logo_uri', 'data:image/svg+xml,<svg onload=x>'],
    ['dangerous-uri', 'logo_uri', 'data:text/html,image/png;'],
    ['dangerous-uri', 'client_uri', 'data:image/png;base64,AA=='],
    ['dangerous-uri', 'tos_uri', 'file:///etc/passwd'],
    ['dangerous-uri', 'policy_uri', ' JavaScript:alert(1)'],
    ['dangerous-uri', 'client_uri#fr', 'java\nscript:alert(1)'],
    ['dangerous-uri', 'initiate_login_uri', 'vbscript:x'],
    ['insecure-uri', 'initiate_login_uri', 'http://app.example/login'],
    ['insecure-uri', 'sector_identifier_uri', 'http://app.example/sector'],
    ['insecure-uri', 'jwks_uri', 'http://app.example/jwks'],
  ] as const)('%s: %s', ([rule, member, uri]) => {
    const { value, deviations } = reading({ client_id: 'c1', [member]: uri })
    expect(value).not.toHaveProperty([member])
    expect(deviations).toMatchObject([{ rule, member }])
  })

  test.for([
    ['client_uri', 'https://app.example/javascript:'],
    ['client_uri', 'http://app.example'],
    ['logo_uri', 'data:image/png;base64,AA=='],
    ['logo_uri#fr', 'DATA:Image/WebP,AA'],
    ['jwks_uri', 'http://127.0.0.1:9/jwks'],
    ['client_name', 'javascript:alert(1)'],
  ] as const)('but not %s: %s', ([member, uri]) => {
    expect(reading({ client_id: 'c1', [member]: uri }).value).toHaveProperty([member], uri)
  })

  test.for(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('private-key: %s in a JWK Set', (member) => {
    const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }
    const { value, deviations } = reading({
      client_id: 'c1',
      jwks: { keys: [{ ...key, [member]: 'private-part' }, key] },
    })
    expect(value.jwks).toEqual({ keys: [key, key] })
    expect(deviations).toMatchObject([{ rule: 'private-key', member: 'jwks' }])
    expect(JSON.stringify(deviations)).not.toContain('private-part')
  })
})

describe('an issuer is compared as an exact string: issuer-mismatch', () => {
  const found = (issuer: string) => () =>
    readServer(answerOf({ ...as, issuer }, { status: 200 }), {
      request: requestOf('GET'),
      issuer: 'https://as.example',
    })
  test.for([
    'https://as.example/',
    'https://AS.example',
    'https://as.example:443',
    'http://as.example',
    'https://evil.example',
    '',
  ])('%s', (issuer) => {
    expect(thrown(found(issuer))).toMatchObject({ code: 'policy', rule: 'issuer-mismatch', outcome: 'not-sent' })
  })

  test('a mismatch shows the other issuer without what could forge a line of a log', () => {
    expect(thrown(found('https://evil.example/\n\u202eERROR')).message).toContain(
      'https://evil.example/\\u{a}\\u{202e}ERROR',
    )
  })
})

describe('redirects are refused, whatever is asked: redirect', () => {
  const location = 'http://as.example/elsewhere?token=x'
  const of = (status: number, method: 'POST' | 'GET' | 'PUT' | 'DELETE' = 'POST') => ({
    answer: answerOf('', { status, location }),
    request: requestOf(method),
  })
  test.for([300, 301, 302, 303, 304, 305, 306, 307, 308, 0])('%i', (status) => {
    for (const method of ['POST', 'GET', 'PUT'] as const) {
      const { answer, request } = of(status, method)
      const error = thrown(() => readRegistration(answer, { request, server: as, current }))
      expect(error).toMatchObject({ code: 'policy', rule: 'redirect', outcome: 'unknown' })
      expect(error.message).toContain('http://as.example/elsewhere')
      expect(error.message).not.toContain('token=x')
    }
    const { answer, request } = of(status, 'DELETE')
    expect(thrown(() => readDeletion(answer, { request }))).toMatchObject({ rule: 'redirect', outcome: 'unknown' })
    expect(thrown(() => readToken(answer, { request }))).toMatchObject({ rule: 'redirect', outcome: 'not-sent' })
  })
})

test('an endpoint in clear, or an issuer, is not asked: insecure-address', () => {
  const calls = [
    () => registrationRequest({ ...as, registration_endpoint: 'http://as.example/register' }, {}),
    () => tokenRequest({ ...as, token_endpoint: 'http://as.example/token' }, {}),
    () => discoveryRequests('http://as.example'),
  ]
  for (const call of calls)
    expect(thrown(call)).toMatchObject({ code: 'policy', rule: 'insecure-address', outcome: 'not-sent' })
})

test('metadata that JSON can not say is refused before it is sent: not-json', () => {
  const circle = {}
  Object.assign(circle, { circle })
  for (const metadata of [circle, { vendor: 1n }]) {
    const error = thrown(() => registrationRequest(as, metadata))
    expect(error).toMatchObject({ code: 'invalid-request', outcome: 'not-sent', findings: [{ rule: 'not-json' }] })
  }
})
