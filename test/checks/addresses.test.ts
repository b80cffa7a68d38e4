import { checkRequest } from '@registrant/node/checks'
import { describe, expect, test } from 'vitest'

import { good } from './rows.ts'

const found = (rule: string, request: object): string[] =>
  checkRequest({ ...good, ...request }).flatMap((finding) => (finding.rule === rule ? finding.level : []))

describe.each([
  ['redirect_uris', 'R05'],
  ['claims_redirect_uris', 'R05'],
  ['post_logout_redirect_uris', 'R30'],
  ['request_uris', 'R29'],
] as const)('%s are sent as they stand', (member, rule) => {
  test.each([
    'https://app.example',
    'https://APP.example:8443/a/../b;v=1?x=1&y=%C3%A4',
    "https://app.example/~me/!$&'()*+,;=:@",
    'https://[2001:db8::1]/cb',
    'https://app.example/%5C%20',
  ])('%s is a URI', (uri) => {
    expect(found(rule, { [member]: [uri] })).toEqual([])
  })

  test.each([
    ' https://app.example/cb',
    'https://app.example/cb ',
    'https://app.example/a b',
    'https://app.example/a\tb',
    'https://app.example\\cb',
    'https:\\\\app.example/cb',
    'https:app.example/cb',
    'https:/app.example/cb',
    'https:///app.example/cb',
    'https://app.example/%zz',
    'https://app.example/100%',
    'https://app.example/cb?x=<y>',
    'https://app.example/cb?x[]=1',
    'https://app.example/größe',
    'https://münchen.example/cb',
  ])('"%s" is none', (uri) => {
    expect(found(rule, { [member]: [uri] })).toContain('MUST')
  })
})

describe('a redirect URI by plain http', () => {
  const there = ['http://app.example/cb']

  test('is worth knowing where the client proves itself (OpenID Connect Core section 3.1.2.1)', () => {
    expect(found('R05', { redirect_uris: there })).toEqual(['SHOULD'])
    expect(found('R05', { redirect_uris: there, token_endpoint_auth_method: undefined })).toEqual(['SHOULD'])
  })

  test.each<[what: string, request: object]>([
    ['that proves nothing', { token_endpoint_auth_method: 'none' }],
    ['on a device', { application_type: 'native' }],
    ['with the implicit grant', { grant_types: ['authorization_code', 'implicit'] }],
  ])('is refused for a client %s', (_, request) => {
    expect(found('R05', { ...request, redirect_uris: there })).toEqual(['MUST'])
  })

  test.each([
    ['http://10.1.2.3/cb', 'SHOULD'],
    ['http://172.31.0.1:8080/cb', 'SHOULD'],
    ['http://192.168.0.1/cb', 'SHOULD'],
    ['http://169.254.1.1/cb', 'SHOULD'],
    ['http://[fd12::1]/cb', 'SHOULD'],
    ['http://[fe80::1]/cb', 'SHOULD'],
    ['http://intranet/cb', 'SHOULD'],
    ['http://orders.internal/cb', 'SHOULD'],
    ['http://printer.local/cb', 'SHOULD'],
    ['http://box.home.arpa/cb', 'SHOULD'],
    ['http://172.32.0.1/cb', 'MUST'],
    ['http://11.0.0.1/cb', 'MUST'],
    ['http://10.example.com/cb', 'MUST'],
    ['http://[2001:db8::1]/cb', 'MUST'],
    ['http://internal.example/cb', 'MUST'],
  ])('to %s is a %s for a client that proves nothing', (uri, level) => {
    expect(found('R05', { redirect_uris: [uri], token_endpoint_auth_method: 'none' })).toEqual([level])
  })
})

test.each<[logo: string, levels: string[]]>([
  ['data:image/png;base64,AA==', []],
  ['data:image/webp,AA', []],
  ['data:image/svg+xml,%3Csvg/%3E', ['MUST']],
  ['data:text/html,image/png;', ['MUST']],
])('a logo %s: %o', (logo_uri, levels) => {
  expect(found('R06', { logo_uri })).toEqual(levels)
  expect(found('R06', { 'logo_uri#fr': logo_uri, logo_uri })).toHaveLength(levels.length * 2)
  expect(found('R06', { client_uri: logo_uri })).toEqual(['MUST'])
})
