import { expect, test } from 'vitest'

import { reading, requestOf } from '../support/reading.ts'

const managed = {
  client_id: 'c1',
  client_secret: 's1',
  client_secret_expires_at: 0,
  registration_access_token: 't1',
  registration_client_uri: 'https://as.example/register/c1',
  redirect_uris: ['https://app.example/cb'],
}
const sent = { redirect_uris: managed.redirect_uris }
const without = (...members: string[]): object =>
  Object.fromEntries(Object.entries(managed).filter(([member]) => !members.includes(member)))

test.each([
  [
    'R08: a secret says when it ends',
    without('client_secret_expires_at'),
    'client_secret_expires_at',
    'expiry-not-stated',
  ],
  [
    'R08: the end of a secret is not negative',
    { ...managed, client_secret_expires_at: -1 },
    'client_secret_expires_at',
    'unreadable',
  ],
  [
    'R10: a management token has an address',
    without('registration_client_uri'),
    'registration_client_uri',
    'no-management-address',
  ],
  [
    'R11: the address is https',
    { ...managed, registration_client_uri: 'http://as.example/register/c1' },
    'registration_client_uri',
    'management-address',
  ],
  ['R26: a redirect URI that was asked for comes back', { ...managed, redirect_uris: [] }, 'redirect_uris', 'changed'],
])('%s', (_, answer, member, rule) => {
  expect(reading(managed, { sent }).deviations).toEqual([])
  expect(reading(answer, { sent }).deviations).toContainEqual(expect.objectContaining({ member, rule }))
})

test('R21: a new management token and a new secret take the place of the old ones', () => {
  const { redirect_uris: _, ...current } = managed
  const request = requestOf('GET')
  expect(reading({ client_id: 'c1' }, { request, current }).value).toEqual(current)
  const rotated = { client_secret: 's2', client_secret_expires_at: 0, registration_access_token: 't2' }
  expect(reading({ ...managed, ...rotated }, { request, current }).value).toMatchObject(rotated)
})

test('R26: a redirect URI that nobody asked for is refused', () => {
  const widened = { ...managed, redirect_uris: [...managed.redirect_uris, 'https://evil.example/cb'] }
  expect(() => reading(widened, { sent })).toThrow(expect.objectContaining({ rule: 'redirect-uri-added' }))
})
