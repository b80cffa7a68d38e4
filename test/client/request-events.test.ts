import { RegistrationClient } from '@registrant/core'
import type { RegistrationEvent } from '@registrant/core'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const metadata = { redirect_uris: ['https://app.example/cb'] }

test.for<[what: string, answer: Answer | undefined, told: object]>([
  ['is answered', undefined, { status: 201 }],
  ['is refused', { status: 400, body: { error: 'invalid_redirect_uri' } }, { status: 400 }],
  ['gets no answer', { lost: 'before' }, { reason: 'transport', outcome: 'unknown' }],
  ['is left', { delay: Infinity }, { reason: 'aborted', outcome: 'unknown' }],
])(
  'a request that %s is told with its method, its address without the query, and how it ended',
  async ([what, answer, told]) => {
    const leaving = new AbortController()
    await using server = await startScriptedServer(
      { register: answer === undefined ? [] : [() => (what === 'is left' && leaving.abort(), answer)] },
      { open: true },
    )
    const registration_endpoint = `${server.url}/register?tenant=7`
    const events: RegistrationEvent[] = []
    const client = new RegistrationClient({
      server: { issuer: server.issuer, registration_endpoint },
      onEvent: (event) => void events.push(event),
    })
    const registering = client.register(metadata, { signal: leaving.signal })
    if (answer === undefined) await registering
    else await failure(registering)
    const requests = events.filter(({ type }) => type === 'request')
    expect(requests).toEqual([
      {
        at: expect.any(Number),
        type: 'request',
        method: 'POST',
        endpoint: `${server.url}/register`,
        ms: expect.any(Number),
        ...told,
      },
    ])
    for (const it of requests) if ('ms' in it) expect(Number.isInteger(it.ms)).toBe(true)
  },
)
