import type { RegistrationRequest, RegistrationResponse } from '@registrant/node'
import { readRegistration } from '@registrant/node/exchange'
import { describe, expect, test } from 'vitest'

import { answerOf, as, requestOf } from '../support/reading.ts'

const read = (answered: string[], sent: RegistrationRequest): ReturnType<typeof readRegistration> =>
  readRegistration(answerOf({ client_id: 'c', ...sent, redirect_uris: answered }), {
    request: requestOf('POST'),
    server: as,
    sent,
  })

const same = [
  ['another port on this machine', 'http://127.0.0.1:51234/cb', 'http://127.0.0.1:8080/cb'],
  ['no port on this machine', 'http://127.0.0.1:51234/cb', 'http://127.0.0.1/cb'],
  ['localhost for 127.0.0.1', 'http://127.0.0.1:51234/cb', 'http://localhost/cb'],
  ['127.0.0.1 for localhost', 'http://localhost:51234/cb', 'http://127.0.0.1:51234/cb'],
  ['[::1] for localhost', 'http://localhost:51234/cb?a=b', 'http://[::1]/cb?a=b'],
  ['this machine without a path', 'http://127.0.0.1:51234', 'http://127.0.0.1/'],
  ["an app's host in lower case", 'com.example.app://Callback', 'com.example.app://callback'],
  ['a scheme in lower case', 'com.example.App:/cb', 'com.example.app:/cb'],
  ['an added slash', 'myapp://callback', 'myapp://callback/'],
  ['a levelled slash', 'myapp:///cb', 'myapp:/cb'],
  ['two slashes for one', 'myapp:/cb', 'myapp://cb'],
  ['an empty path', 'https://app.example', 'https://app.example/'],
  ['escapes in capital letters', 'https://app.example/a%2fb', 'https://app.example/a%2Fb'],
  ['an escape that is none', 'https://app.example/%7Euser', 'https://app.example/~user'],
  ['a letter beyond ASCII', 'https://app.example/zur\u00FCck', 'https://app.example/zur%C3%BCck'],
  ["a letter beyond ASCII in an app's address", 'myapp:/zur\u00FCck', 'myapp:/zur%c3%bcck'],
  ['a name beyond ASCII', 'https://b\u00FCcher.example/cb', 'https://xn--bcher-kva.example/cb'],
  ['a query of nothing', 'https://app.example/cb?', 'https://app.example/cb'],
  ['dots in a path', 'https://app.example/a/../cb', 'https://app.example/cb'],
  ['a host in lower case', 'https://App.Example:443/cb', 'https://app.example/cb'],
] as const

const others = [
  ['another path on this machine', 'http://127.0.0.1:51234/cb', 'http://127.0.0.1:51234/other'],
  ['another query on this machine', 'http://127.0.0.1/cb', 'http://127.0.0.1/cb?to=evil'],
  ['user info on this machine', 'http://127.0.0.1/cb', 'http://a@127.0.0.1/cb'],
  ['a name that looks like this machine', 'http://127.0.0.1/cb', 'http://127.0.0.1.evil.example/cb'],
  ['localhost over TLS', 'https://app.example/cb', 'https://localhost/cb'],
  ['another port elsewhere', 'https://app.example/cb', 'https://app.example:8443/cb'],
  ['another path of an app', 'myapp://callback', 'myapp://callback/evil'],
  ['another case in the path of an app', 'myapp://host/Callback', 'myapp://host/callback'],
  ['the scheme of another app', 'myapp://callback', 'evilapp://callback'],
  ['an escaped slash', 'https://app.example/a%2Fb', 'https://app.example/a/b'],
  ['a line break in a host', 'https://app.example/cb', 'https://app\n.evil.example/cb'],
  ['a slash more', 'https://app.example/cb', 'https://app.example/cb/'],
] as const

describe('a redirect URI that comes back in another spelling is the one that was asked for', () => {
  test.for(same)('%s', ([, asked, answered]) => {
    const { value, deviations } = read([answered], { redirect_uris: [asked] })
    expect(value.redirect_uris).toEqual([answered])
    const message = 'The server registered the same addresses as were asked for, in another spelling.'
    expect(deviations).toContainEqual({ member: 'redirect_uris', rule: 'changed', message })
  })

  test.for(others)('and no other: %s', ([, asked, answered]) => {
    expect(() => read([answered], { redirect_uris: [asked] })).toThrow(
      expect.objectContaining({ rule: 'redirect-uri-added' }),
    )
  })
})

describe('several redirect URIs that come as one expression (WSO2 Identity Server)', () => {
  const [one, other] = ['https://app.example/cb?a=b', 'https://other.example/cb']
  const sent = { redirect_uris: [one, other] }

  test('are those that were asked for', () => {
    const { value, deviations } = read([`regexp=(${one}|${other})`], sent)
    expect(value.redirect_uris).toEqual([one, other])
    expect(deviations).toMatchObject([{ member: 'redirect_uris', rule: 'type' }])
  })

  test.for([
    ['holds another', `regexp=(${one}|https://evil.example/cb)`],
    ['holds any', `regexp=(${one}|.*)`],
    ['holds parts of its own', `regexp=(${one}|(regexp=(${other})))`],
    ['goes on behind its end', `regexp=(${one}|${other}).*`],
    ['has no parentheses', `regexp=${one}|${other}`],
    ['holds nothing', 'regexp=()'],
  ] as const)('are refused where it %s', ([, answered]) => {
    expect(() => read([answered], sent)).toThrow(expect.objectContaining({ rule: 'redirect-uri-added' }))
  })
})

test('an update adds no redirect URI that the registration had before it', () => {
  const current: RegistrationResponse = { client_id: 'c', redirect_uris: ['https://app.example/old'] }
  const update = (answered: string[]): ReturnType<typeof readRegistration> =>
    readRegistration(answerOf({ client_id: 'c', redirect_uris: answered }, { status: 200 }), {
      request: requestOf('PUT'),
      server: as,
      current,
      sent: { redirect_uris: ['https://app.example/new'] },
    })
  expect(update(['https://app.example/new', 'https://app.example/old']).value.client_id).toBe('c')
  expect(() => update(['https://app.example/new', 'https://app.example/third'])).toThrow(
    expect.objectContaining({ rule: 'redirect-uri-added' }),
  )
})

describe('a request that names its software and no redirect URIs takes those that the server knows', () => {
  const statement = 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIn0.c2ln'
  test.for([
    ['a software_id', { software_id: 'template' }],
    ['a statement', { software_statement: statement }],
  ] as const)('%s', ([, sent]) => {
    expect(read(['https://app.example/cb'], sent).value.redirect_uris).toEqual(['https://app.example/cb'])
    expect(() => read(['https://app.example/cb'], { ...sent, redirect_uris: [] })).toThrow(
      expect.objectContaining({ rule: 'redirect-uri-added' }),
    )
  })
})

test.for([5, 'https://app.example/cb', {}, [5, null]])(
  'what was sent as %j is no list of addresses: what came was added, and nothing breaks',
  (asked) => {
    const sent = { redirect_uris: asked }
    const answer = answerOf({ client_id: 'c', redirect_uris: ['https://app.example/cb'] })
    expect(() =>
      Reflect.apply(readRegistration, undefined, [answer, { request: requestOf('POST'), server: as, sent }]),
    ).toThrow(expect.objectContaining({ code: 'policy', rule: 'redirect-uri-added' }))
  },
)
