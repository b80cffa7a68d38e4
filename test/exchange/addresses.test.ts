import { inspect } from 'node:util'

import { PolicyError } from '@registrant/node'
import { configurationRequest, discoveryRequests, registrationRequest, tokenRequest } from '@registrant/node/exchange'
import { describe, expect, test } from 'vitest'

const accepted = [
  'https://as.example',
  'https://as.example/',
  'https://as.example:8443/path',
  'HTTPS://AS.EXAMPLE/path',
  'https://192.0.2.7/path',
  'https://[2001:db8::1]/path',
  'https://xn--bcher-kva.example/path',
  'https://bücher.example/path',
  'https://localhost/path',
  'http://127.0.0.1',
  'http://127.0.0.1:8080/path',
  'http://127.1.2.3/path',
  'http://127.1/path',
  'http://0x7f.0.0.1/path',
  'http://2130706433/path',
  'http://[::1]/path',
  'http://[0:0:0:0:0:0:0:1]:8080/path',
  'http://localhost/path',
  'http://LOCALHOST:8080/path',
]
const refused = [
  'http://as.example',
  'http://192.0.2.7/path',
  'http://10.0.0.1/path',
  'http://169.254.169.254/latest/meta-data',
  'http://0.0.0.0/path',
  'http://128.0.0.1/path',
  'http://[::]/path',
  'http://[2001:db8::1]/path',
  'http://[::ffff:127.0.0.1]/path',
  'http://127.0.0.1.evil.example/path',
  'http://127.0.0.1@evil.example/path',
  'http://localhost.evil.example/path',
  'http://app.localhost/path',
  'http://localhost./path',
  'http://notlocalhost/path',
  'https://user@as.example/path',
  'https://user:password@as.example/path',
  'http://user:password@127.0.0.1/path',
  'ws://127.0.0.1/path',
  'ftp://as.example/path',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:application/json,{}',
  '//as.example/path',
  '/path',
  'as.example',
  '',
]

const server = { issuer: 'https://as.example' }
const requests = (url: string): [string, () => { url: string }][] => [
  ['an issuer', () => ({ url: discoveryRequests(url)[0]?.url ?? '' })],
  ['a registration endpoint', () => registrationRequest({ ...server, registration_endpoint: url }, {})],
  ['a token endpoint', () => tokenRequest({ ...server, token_endpoint: url }, {})],
  [
    'a management address',
    () => {
      const current = { client_id: 'c', registration_access_token: 't', registration_client_uri: url }
      return configurationRequest(server, current, { allowedOrigins: [url.replace(/^(\w+:\/\/)[^/@]*@/, '$1')] })
    },
  ],
]

describe('https, or http on the loopback interface, is asked', () => {
  test.for(accepted)('%s', (url) => {
    for (const [what, build] of requests(url)) expect(URL.canParse(build().url), what).toBe(true)
  })
})

describe('anything else is not asked, and what was wrong is told without a password', () => {
  test.for(refused)('%s', (url) => {
    for (const [what, build] of requests(url)) {
      let error: unknown
      try {
        build()
      } catch (thrown) {
        error = thrown
      }
      expect(error, what).toBeInstanceOf(Error)
      // Without an endpoint at all, or with a path alone, there is nothing to refuse.
      if (error instanceof PolicyError) expect(['insecure-address', 'management-address']).toContain(error.rule)
      else expect(error, what).toMatchObject({ name: 'NotSupportedError' })
      expect(inspect(error) + JSON.stringify(error)).not.toContain('password@')
    }
  })
})
