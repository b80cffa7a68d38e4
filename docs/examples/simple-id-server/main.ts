// The steps of SimpleIdServer's own page on dynamic client registration: a token (POST /token, client_secret_post, scope
// register), POST /register with it, and what can be done with the client afterwards.
import { RegistrationClient, clientCredentials } from '@registrant/node'
import { simpleIdServer } from '@registrant/node/profiles'

/** `issuer`: with the realm at its end, as in https://id.example/master. */
export async function walk(issuer: string, registrar: { clientId: string; clientSecret: string }): Promise<void> {
  // Step 1: the client that pays for the registration gets an access token. It is asked for when it is needed.
  const accessToken = clientCredentials({ ...registrar, scope: 'register', authentication: 'client_secret_post' })
  const client = new RegistrationClient({ issuer, accessToken, profile: simpleIdServer })

  // Step 2: the registration. What the server wants otherwise, the profile knows. Without a name: version 4 can not delete a
  // client that has one.
  const registered = await client.register({
    redirect_uris: ['https://orders.example/callback'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_post',
    scope: 'openid profile',
  })
  console.info('registered:', registered.client_id)

  // Step 3: the server's answer leads to a wrong address; the profile has the right one.
  const read = await client.read(registered)
  console.info('read:', read.redirect_uris?.join())

  // Step 4: and the client is gone.
  await client.delete(registered)
  console.info('deleted')
}
