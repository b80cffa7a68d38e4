import { InvalidRequestError, RegistrationClient } from '@registrant/node'
import type { RegistrationRequest } from '@registrant/node'
import { checkProfile, checkRequest } from '@registrant/node/checks'
import * as profiles from '@registrant/node/profiles'
import { startScriptedServer } from '@registrant/test/servers'
import { describe, expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { good, service } from './rows.ts'

/** What somebody without types might send. */
const withMember = (member: string): RegistrationRequest => Object.assign({ ...good }, { [member]: 'x' })

describe('a member that nobody knows', () => {
  test.each([
    ['redirect_urls', 'redirect_uris'],
    ['redirectUris', 'redirect_uris'],
    ['grant_type', 'grant_types'],
    ['client_url', 'client_uri'],
    ['clientName', 'client_name'],
    ['client_nmae#fr', 'client_name'],
    ['scpoe', 'scope'],
    ['token_endpoint_auth_metod', 'token_endpoint_auth_method'],
    ['tls_client_certificate_bound_access_token', 'tls_client_certificate_bound_access_tokens'],
  ])('and looks like a standard one is named with it: %s', (member, meant) => {
    expect(checkRequest(withMember(member))).toMatchObject([
      { member, rule: 'misspelt', level: 'SHOULD', message: expect.stringContaining(`${meant} is`) },
    ])
  })

  test.each(['tenant', 'cost_center', 'skip_consent', 'audience', 'allowed_cors_origins', 'name', 'constructor'])(
    'and looks like no other is nobody else: %s',
    (member) => {
      expect(checkRequest(withMember(member))).toEqual([])
    },
  )

  test('is named in the error where the right one is missed', async () => {
    await using server = await startScriptedServer({}, { open: true })
    const { redirect_uris, ...rest } = good
    const metadata = Object.assign({ ...rest }, { redirect_urls: redirect_uris })
    const error = await failure(new RegistrationClient({ issuer: server.issuer }).register(metadata))
    if (!(error instanceof InvalidRequestError)) throw error
    expect(error.findings).toMatchObject([
      { member: 'redirect_uris', rule: 'R02' },
      { member: 'redirect_urls', rule: 'misspelt' },
    ])
    expect(error.message).toMatch(/Worth knowing besides: redirect_urls: .*redirect_uris/)
    expect(server.requests).toEqual([])
  })

  test('is no slip where the profile of the server knows it', async () => {
    const { simpleIdServer } = profiles
    const told: string[] = []
    const member = 'token_signed_response_alg'
    for (const profile of [undefined, simpleIdServer]) {
      await using server = await startScriptedServer({}, { open: true })
      const client = new RegistrationClient({
        issuer: server.issuer,
        profile,
        onEvent: (event) =>
          void (event.type === 'finding' && told.push(`${event.finding.member} ${event.finding.rule}`)),
      })
      await client.register(Object.assign({ ...service }, { [member]: 'RS256' }))
    }
    expect(told.filter((it) => it.startsWith(member))).toEqual([`${member} misspelt`])
    const request = Object.assign({ ...service }, { [member]: 'RS256' })
    expect(checkRequest(request).map(({ rule }) => rule)).toEqual(['misspelt'])
    expect(checkRequest(request, simpleIdServer)).toEqual([])
  })

  test('and whatever else the profile says stands behind what the specifications say', () => {
    const request = Object.assign({ ...service, client_name: 'Orders', jwks_uri: 'http://app.example/keys' })
    const { simpleIdServer } = profiles
    expect(checkRequest(request, simpleIdServer)).toEqual([
      ...checkRequest(request),
      ...checkProfile(request, simpleIdServer),
    ])
  })
})

describe('the examples of the README', () => {
  test.each<[string, RegistrationRequest]>([
    ['a service', { ...service, scope: 'orders:read' }],
    [
      'a page',
      {
        redirect_uris: ['https://orders.example/callback'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'none',
      },
    ],
    ['the protocol alone', service],
    [
      'a library',
      {
        redirect_uris: ['https://app.example/callback'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
  ])('give rise to no finding: %s', (_, metadata) => {
    expect(checkRequest(metadata)).toEqual([])
  })
})
