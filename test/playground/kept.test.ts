// What the playground says that a manager keeps: a manager was asked.
import { expect, test } from 'vitest'

import { exampleNamed, examples } from '../../docs/playground/examples.ts'
import { judge } from '../../docs/playground/judge.ts'
import { compareKept, keptBy } from '../../docs/playground/kept.ts'
import type { Kept } from '../../docs/playground/kept.ts'
import type { State } from '../../docs/playground/state.ts'

const kept = async (state: State): Promise<[service: Kept | undefined, page: Kept | undefined]> => {
  const judgement = judge(state)
  return Promise.all([keptBy('service', state, judgement), keptBy('page', state, judgement)])
}

test('a service keeps secret and management token, a page refuses the client that needs a secret, and deletes it', async () => {
  const [service, page] = await kept(exampleNamed('service'))
  expect(service).toMatchObject({ registration: { client_secret: 'an-example-and-no-secret' }, afterwards: [] })
  expect(page).toMatchObject({
    error: { code: 'policy', rule: 'secret-not-kept' },
    afterwards: ['DELETE https://as.example/register/s6BhdRkqt3'],
  })
  expect(compareKept(service, page).map(({ member, page: byPage }) => [member, byPage])).toEqual([
    ['client_id', false],
    ['client_secret', false],
    ['registration_access_token', false],
    ['registration_client_uri', false],
  ])
})

test('of a public client a page keeps neither a secret nor the management token', async () => {
  const credentials = {
    client_id: 'c1',
    client_secret: 'an example',
    registration_access_token: 'an example',
    registration_client_uri: 'https://as.example/register/c1',
    token_endpoint_auth_method: 'none',
  }
  const [service, page] = await kept({ ...exampleNamed('page'), answer: JSON.stringify(credentials) })
  expect(service?.registration).toHaveProperty('registration_access_token')
  expect(page?.registration).toMatchObject({ client_id: 'c1' })
  expect(page?.registration).not.toHaveProperty('registration_access_token')
  expect(page?.registration).not.toHaveProperty('client_secret')
})

test('a registration that is more dangerous than what was asked for is kept by nobody', async () => {
  for (const it of await kept(exampleNamed('native')))
    expect(it).toMatchObject({ error: { code: 'policy', rule: 'redirect-uri-added' } })
})

test('where no request is sent, or no answer can be given, nothing is said', async () => {
  expect(await kept(exampleNamed('broken'))).toEqual([undefined, undefined])
  for (const answer of ['', 'HTTP/1.1 101 Switching\n\n', 'HTTP/1.1 999 No\n\n', 'HTTP/1.1 200 OK\nno header\n\n'])
    expect(await kept({ ...exampleNamed('page'), answer })).toEqual([undefined, undefined])
})

test.each(examples)('a manager comes to an end with every answer: $name', async ({ name }) => {
  for (const status of [200, 204, 302, 400, 401, 403, 404, 429, 500, 503]) {
    const state = { ...exampleNamed(name), answer: '{"error":"invalid_client_metadata"}', status: String(status) }
    for (const it of await kept(state)) expect(it?.registration).toBeUndefined()
  }
})
