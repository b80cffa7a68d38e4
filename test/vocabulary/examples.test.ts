import { checkRequest, checkUpdate, preflight } from '@registrant/node/checks'
import { readServer } from '@registrant/node/exchange'
import { registrationRequestSchema, registrationResponseSchema, updateRequestSchema } from '@registrant/node/schema'
import type { RegistrationRequest, RegistrationResponse, UpdateRequest } from '@registrant/node'
import { expect, test } from 'vitest'

import examples from '../data/examples.json' with { type: 'json' }
import page from '../data/simple-id-server/response-page.json' with { type: 'json' }
import { answerOf, reading } from '../support/reading.ts'

/** The example messages of the specifications, as they are printed there. */
interface Example {
  example: string
  request?: object
  update?: UpdateRequest
  response?: RegistrationResponse
  server?: { issuer: string }
}
const all: Example[] = examples
const server = { issuer: 'https://server.example.com', registration_endpoint: 'https://server.example.com/register' }
const unknown = 'example_extension_parameter'
const withoutUnknown = (request: object): RegistrationRequest =>
  Object.fromEntries(Object.entries(request).filter(([member]) => member !== unknown))

test.each(all.filter(({ request }) => request !== undefined))('$example breaks no rule', ({ request = {} }) => {
  expect(checkRequest({ ...request }).filter(({ level }) => level === 'MUST')).toEqual([])
  const known = withoutUnknown(request)
  expect(registrationRequestSchema['~standard'].validate(known)).toEqual({ value: known })
  // One specification's example of a server does not list the scopes of another's example of a client.
  const against = preflight(known, metadata()).filter(({ rule }) => rule !== 'scopes_supported')
  expect(against.filter(({ level }) => level === 'PREFLIGHT')).toEqual([])
})

test.each(all.filter(({ update }) => update !== undefined))(
  '$example breaks no rule',
  ({ update = { client_id: '' } }) => {
    const current = {
      client_id: update.client_id,
      client_secret: update.client_secret ?? '',
      client_secret_expires_at: 0,
    }
    expect(checkUpdate(update, current).filter(({ level }) => level === 'MUST')).toEqual([])
    expect(updateRequestSchema['~standard'].validate(update)).toEqual({ value: update })
  },
)

test.each(all.filter(({ response }) => response !== undefined))(
  '$example is read as it stands',
  ({ response = { client_id: '' }, example }) => {
    const { value, deviations } = reading(response, { server })
    expect(value).toEqual(response)
    // In OpenID Connect's example of a read the address comes without its token, which stays the one that is held.
    expect(deviations, example).toEqual([])
    expect(registrationResponseSchema['~standard'].validate(value)).toEqual({ value })
  },
)

test('RFC 8414 section 3.2: authorization server metadata is read as it stands', () => {
  expect(metadata().scopes_supported).toContain('offline_access')
})

test("the answer on SimpleIdServer's page is read, and what it does not say is not invented", () => {
  const issuer = 'https://localhost:5001/master'
  const { value } = reading(page, { server: { issuer, registration_endpoint: `${issuer}/register` } })
  expect(value).not.toHaveProperty('client_secret_expires_at')
  expect(Object.keys(value)).toEqual(
    expect.arrayContaining(Object.keys(page).filter((member) => !member.endsWith('_uri'))),
  )
  expect(registrationResponseSchema['~standard'].validate(value)).toEqual({ value })
})

/** The server of the examples, as our reader brings it into normal form. */
function metadata(): NonNullable<ReturnType<typeof readServer>>['value'] {
  const document = all.find((example) => example.server !== undefined)?.server
  const request = { method: 'GET', url: `${server.issuer}/.well-known/oauth-authorization-server`, headers: {} }
  const read = readServer(answerOf(document, { status: 200 }), { request, issuer: server.issuer })
  expect(read?.deviations).toEqual([])
  expect(read?.value).toEqual(document)
  if (read === undefined) throw new Error('the example was not read')
  return read.value
}
