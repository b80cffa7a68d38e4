import { inspect } from 'node:util'

import { RegistrationClient } from '@registrant/node'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { as } from '../support/reading.ts'

describe('what must not leave is refused before anything is sent', () => {
  const cb = 'https://app.example/cb'
  const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }
  const rows: [what: string, members: object][] = [
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map((part): [string, object] => [
      `a private or symmetric key (${part})`,
      { jwks: { keys: [{ ...key, [part]: 'private-part' }] } },
    ]),
    ['javascript: where a person clicks', { client_uri: 'javascript:alert(1)' }],
    ['data: where a person clicks', { logo_uri: 'data:text/html,x' }],
    ['http where a server fetches', { jwks_uri: 'http://app.example/jwks' }],
  ]
  test.for(rows)('%s', async ([, members]) => {
    let asked = 0
    const client = new RegistrationClient({
      server: as,
      fetch: () => {
        asked++
        return Promise.reject(new Error('nothing should be sent'))
      },
    })
    const error = await failure(client.register({ redirect_uris: [cb], ...members }))
    expect(error).toMatchObject({ code: 'invalid-request', outcome: 'not-sent' })
    expect(inspect(error) + JSON.stringify(error)).not.toContain('private-part')
    expect(asked).toBe(0)
  })
})
