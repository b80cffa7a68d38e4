import { InvalidRequestError, RegistrationClient, clientCredentials } from '@registrant/node'
import { generateClientKeys, privateKeyJwt } from '@registrant/node/keys'
import { startOidcProvider, startScriptedServer } from '@registrant/test/servers'
import { expect, test } from 'vitest'

import { failure } from '../support/failure.ts'
import { askAs } from './speak.ts'

test.for(['ES256', 'EdDSA', 'PS256'])(
  'a client without a secret registers its key, uses it, and moves to another by updates (%s)',
  async (alg) => {
    await using provider = await startOidcProvider()
    const client = new RegistrationClient({
      issuer: provider.issuer,
      accessToken: clientCredentials(provider.registrar),
    })
    const server = await client.discover()
    const [old, fresh] = [await generateClientKeys({ alg }), await generateClientKeys({ alg })]
    const status = async (keys: typeof old): Promise<number> =>
      (await askAs(registered.client_id, privateKeyJwt({ key: keys }), server)).status

    let registered = await client.register({
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [old.publicJwk] },
    })
    expect(registered).not.toHaveProperty('client_secret')
    expect([await status(old), await status(fresh)]).toEqual([200, 401])

    registered = await client.update(registered, { jwks: { keys: [old.publicJwk, fresh.publicJwk] } })
    expect([await status(old), await status(fresh)]).toEqual([200, 200])

    registered = await client.update(registered, { jwks: { keys: [fresh.publicJwk] } })
    expect([await status(old), await status(fresh)]).toEqual([401, 200])
    expect(provider.clientIds()).toEqual([registered.client_id])
  },
)

test('a private key that was meant to be a public one never leaves', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const client = new RegistrationClient({ issuer: server.issuer })
  const { privateKey, publicJwk } = await generateClientKeys({ extractable: true })
  const { kty = '', ...rest } = await crypto.subtle.exportKey('jwk', privateKey)
  const wrong = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk, { kty, ...rest }] } }
  const refused = await failure(client.register(wrong))
  expect(refused).toBeInstanceOf(InvalidRequestError)
  expect(refused).toMatchObject({ findings: expect.arrayContaining([expect.objectContaining({ member: 'jwks' })]) })
  expect(JSON.stringify(refused)).not.toContain(rest.d)
  expect(server.requests).toEqual([])
})
