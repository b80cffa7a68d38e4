import { RegistrationClient, clientCredentials } from '@registrant/node'
import { generateClientKeys, privateKeyJwt } from '@registrant/node/keys'
import { startOidcProvider } from '@registrant/test/servers'
import { expect, test } from 'vitest'

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
