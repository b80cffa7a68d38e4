import { RegistrationClient } from '@registrant/node'
import { generateClientKeys } from '@registrant/node/keys'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest } from '@registrant/test/servers'
import { SignJWT, jwtVerify } from 'jose'
import { expect, test } from 'vitest'

test('a trust framework that wants a signed request gets one (application/jose)', async () => {
  const keys = await generateClientKeys({ alg: 'PS256' })
  const metadata = { redirect_uris: ['https://app.example/cb'], client_name: 'Orders' }
  const signed = async ({ body, headers }: ScriptedRequest): Promise<Answer> => {
    if (headers['content-type'] !== 'application/jose') return { status: 415 }
    const { payload } = await jwtVerify(body, keys.publicKey, { audience: 'https://bank.example' })
    return { status: 201, body: { ...payload, client_id: 'from-a-signed-request' } }
  }
  await using server = await startScriptedServer({ register: signed }, { open: true })
  const client = new RegistrationClient({
    issuer: server.issuer,
    encodeBody: async (sent) => ({
      contentType: 'application/jose',
      body: await new SignJWT({ ...sent })
        .setProtectedHeader({ alg: 'PS256', kid: keys.kid })
        .setIssuer('software-id')
        .setAudience('https://bank.example')
        .setIssuedAt()
        .setExpirationTime('1 minute')
        .sign(keys.privateKey),
    }),
  })
  expect(await client.register(metadata)).toMatchObject({ ...metadata, client_id: 'from-a-signed-request' })
})
