import { profileConformance } from '@registrant/node/testing'
import type { ServerBehaviour } from '@registrant/node/testing'
import type { ServerProfile } from '@registrant/node'
import { describe, expect, test } from 'vitest'

import { described } from './behaviours/index.ts'

const accepts = ['redirect_uris', 'token_endpoint_auth_method', 'client_uri']

const inHouse: ServerBehaviour = {
  seen: 'Nowhere: as administrators of WSO2 and Okta manage clients by their documentation.',
  takes: { redirect_uris: ['https://app.example/callback'], token_endpoint_auth_method: 'client_secret_basic' },
  knows: ['client_uri'],
  others: 'refused',
  access: { refused: { status: 401, error: 'invalid_token' } },
  management: { by: 'access-token' },
  token: { known: { status: 400, error: 'invalid_grant' }, unknown: { status: 401, error: 'invalid_client' } },
}

describe.each(Object.entries(described))(
  'the profile %s, at what its server was seen to do',
  (_, { profile, behaviour }) => {
    test.each(profileConformance(profile, behaviour).map(({ name, run }) => [name, run] as const))(
      '%s',
      async (_name, run) => run(),
    )
  },
)

describe('a profile of an in-house server that manages clients by access tokens', () => {
  const profile: ServerProfile = {
    name: 'In-house',
    managementAuthorization: 'access-token',
    accepts,
    unknownMembers: 'refused',
  }
  test.each(profileConformance(profile, inHouse).map(({ name, run }) => [name, run] as const))(
    '%s',
    async (_name, run) => run(),
  )

  test('fails without that', async () => {
    const { managementAuthorization: _, ...less } = profile
    expect(await failing(less, inHouse)).toEqual(
      expect.arrayContaining(['reads a client, and keeps the secret that it has', 'deletes a client']),
    )
  })
})

/** Which cases fail, by name. */
async function failing(profile: ServerProfile, behaviour: ServerBehaviour): Promise<string[]> {
  const cases = profileConformance(profile, behaviour).map(async (it) => {
    const failed = await it.run().then(
      () => false,
      () => true,
    )
    return failed ? [it.name] : []
  })
  return (await Promise.all(cases)).flat()
}

/** The case that misses each member of a profile. */
const missedBy: Readonly<Record<string, string>> = {
  accepts: 'says before it is sent that a member is unknown to the server: a refusal where the server refuses',
  unknownMembers: 'says before it is sent that a member is unknown to the server: a refusal where the server refuses',
  refuses: 'sends nothing that the server refuses whatever else the request says',
  warns: 'says of each member that the server does not do as asked what it does with it',
  aliases: "sends a member under the server's name for it, and reads it back under the standard's",
  derived: 'does not send back in an update what the server worked out by itself',
  clears: 'updates a client, and takes out what is to go',
  registrationEndpoint: 'registers a client by the issuer alone',
  managementUri: 'reads a client, and keeps the secret that it has',
  cannot: 'sends nothing for an operation that the server does not have, and says why',
  refusedTokenCodes: 'tries once more with another access token when one does not do',
  singleUseToken: 'uses an access token once where it does for one registration',
  bearerOnly: 'speaks the scheme Bearer where the server knows no other',
  readSecretIsHashed: 'reads a client, and keeps the secret that it has',
  basicIsDecoded: 'encodes the credentials of HTTP Basic as the server decodes them',
  tokenAudience: 'proves a client by its key to whom the server wants it addressed',
  trustRejections: 'registers anew once the server has forgotten the client',
  cors: 'knows what to say to a page that the server does not answer',
  advice: 'says what a refusal means there',
}

const members = Object.entries(described).flatMap(([name, it]) =>
  Object.keys(it.profile)
    .filter((member) => member !== 'name')
    .map((member) => [name, member, it] as const),
)

test.each(members)('%s without its %s is missed by a case', async (_name, member, { profile, behaviour }) => {
  const less: ServerProfile = { ...profile, [member]: undefined }
  expect(await failing(less, behaviour)).toContain(missedBy[member])
})
