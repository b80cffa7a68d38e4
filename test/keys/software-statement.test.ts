import { InvalidRequestError, PolicyError, RegistrationClient } from '@registrant/node'
import { generateClientKeys, signSoftwareStatement } from '@registrant/node/keys'
import { startScriptedServer } from '@registrant/test/servers'
import type { Answer, ScriptedRequest } from '@registrant/test/servers'
import { jwtVerify } from 'jose'
import { expect, test } from 'vitest'

import { failure } from '../support/failure.ts'

const publisher = await generateClientKeys({ alg: 'ES384' })
// The claims are those of the example in RFC 7591 section 2.3.
const claims = {
  iss: 'https://software.example',
  software_id: '4NRB1-0XZABZI9E6-5SM3R',
  client_name: 'Example Statement-based Client',
  client_uri: 'https://client.example.net/',
}

test('a software statement is signed by who vouches for it, and sent as it is (RFC 7591 section 2.3)', async () => {
  await using server = await startScriptedServer({}, { open: true })
  const software_statement = await signSoftwareStatement(claims, { key: publisher })
  const { payload, protectedHeader } = await jwtVerify(software_statement, publisher.publicKey)
  expect(payload).toEqual({ ...claims, iat: expect.any(Number) })
  expect(protectedHeader).toEqual({ alg: 'ES384', kid: publisher.kid })

  const client = new RegistrationClient({ issuer: server.issuer })
  const registered = await client.register({ redirect_uris: ['https://app.example/cb'], software_statement })
  expect(JSON.parse(server.requestsTo('register')[0]?.body ?? '')).toHaveProperty(
    'software_statement',
    software_statement,
  )
  expect(registered.software_statement).toBe(software_statement)
})

test('a statement says when it was signed, also where that is given as undefined', async () => {
  const { payload } = await jwtVerify(
    await signSoftwareStatement({ ...claims, iat: undefined }, { key: publisher }),
    publisher.publicKey,
  )
  expect(payload).toEqual({ ...claims, iat: expect.any(Number) })
})

test('a client whose statement comes back altered is refused', async () => {
  const other = await signSoftwareStatement({ ...claims, client_name: 'Another' }, { key: publisher })
  const altered = (_: ScriptedRequest, usual: () => Answer): Answer => {
    const answer = usual()
    return { ...answer, body: { ...Object(answer.body), software_statement: other } }
  }
  await using server = await startScriptedServer({ register: altered }, { open: true })
  const software_statement = await signSoftwareStatement(claims, { key: publisher })
  const refused = await failure(new RegistrationClient({ issuer: server.issuer }).register({ software_statement }))
  expect(refused).toBeInstanceOf(PolicyError)
  expect(refused).toMatchObject({ rule: 'statement-altered', outcome: 'accepted' })
})

test('a statement names who vouches for it, is signed by a private key, and tells none', async () => {
  const jwks = { keys: [{ ...publisher.publicJwk, d: 'private' }] }
  expect(await failure(signSoftwareStatement({ ...claims, iss: '' }, { key: publisher }))).toBeInstanceOf(
    InvalidRequestError,
  )
  expect(await failure(signSoftwareStatement({ ...claims, jwks }, { key: publisher }))).toBeInstanceOf(
    InvalidRequestError,
  )
  const unsigned = signSoftwareStatement(claims, { key: publisher, alg: 'none' })
  expect(await failure(unsigned)).toBeInstanceOf(InvalidRequestError)
  expect(await failure(signSoftwareStatement(claims, { key: publisher.publicKey }))).toBeInstanceOf(InvalidRequestError)
})
