import { memoryStore, RegistrationManager } from '@registrant/core'
import { checkProfile, checkRequest } from '@registrant/core/checks'
import { encryptedStore } from '@registrant/core/encrypted-store'
import { readRegistration, registrationRequest } from '@registrant/core/exchange'
import { openidClient } from '@registrant/core/handover'
import { checkClientMetadataDocument, clientMetadataDocument } from '@registrant/core/identity'
import { generateClientKeys, privateKeyJwt, signSoftwareStatement } from '@registrant/core/keys'
import { RegistrationManager as ManagerWithoutSecret } from '@registrant/core/manager'
import * as profiles from '@registrant/core/profiles'
import { registrationRequestSchema } from '@registrant/core/schema'
import { storeConformance } from '@registrant/core/testing'

import { equal } from './case.ts'
import type { Case } from './case.ts'

const metadata = { redirect_uris: ['https://app.example/callback'] }

export const roomCases: readonly Case[] = [
  {
    name: '/checks: findings of a request',
    async run() {
      const [finding] = checkRequest({ redirect_uris: ['https://app.example/#fragment'] })
      equal([finding?.level, finding?.member], ['MUST', 'redirect_uris'])
    },
  },
  {
    name: '/exchange: a request is built, and its answer is judged, over a fetch of one’s own',
    async run({ usual }) {
      const server = { issuer: usual, registration_endpoint: `${usual}/register` }
      const request = registrationRequest(server, metadata)
      const { method, headers, body = null } = request
      const answer = await fetch(request.url, { method, headers, body })
      const { value } = readRegistration(
        { status: answer.status, headers: answer.headers, body: await answer.text() },
        { request, server, sent: metadata },
      )
      equal(value.redirect_uris, metadata.redirect_uris)
    },
  },
  {
    name: '/schema: a request is validated',
    async run() {
      const { validate } = registrationRequestSchema['~standard']
      equal(validate(metadata).issues, undefined)
      equal(validate({ redirect_uris: 'no list' }).issues?.length, 1)
    },
  },
  {
    name: '/identity: a metadata document is made, and stands its check',
    async run() {
      const given = { ...metadata, client_name: 'Orders', grant_types: ['authorization_code'] as const }
      const document = clientMetadataDocument('https://app.example/client.json', given)
      equal(document.client_id, 'https://app.example/client.json')
      equal(checkClientMetadataDocument(document.client_id, document), [])
    },
  },
  {
    name: '/keys: keys are made for each algorithm, and sign',
    async run() {
      for (const alg of ['ES256', 'EdDSA', 'PS256', 'RS256']) {
        const key = await generateClientKeys({ alg })
        const server = { issuer: 'https://as.example', token_endpoint: 'https://as.example/token' }
        const { form } = await privateKeyJwt({ key })({ clientId: 'orders', server })
        equal(form?.['client_assertion']?.split('.').length, 3)
        const statement = await signSoftwareStatement(
          { iss: 'https://vouches.example', software_id: 'orders' },
          { key },
        )
        equal(statement.split('.').length, 3)
      }
    },
  },
  {
    name: '/handover: openid-client gets its arguments',
    async run({ usual }) {
      const manager = new RegistrationManager({ issuer: usual, application: 'orders', metadata, store: memoryStore() })
      const [server, client_id] = await openidClient(manager)
      equal([server.issuer, client_id], [usual, (await manager.ensure()).client_id])
    },
  },
  {
    name: '/manager: the manager that knows no secret',
    async run({ usual }) {
      const given = { ...metadata, token_endpoint_auth_method: 'none' as const }
      const store = memoryStore()
      const manager = new ManagerWithoutSecret({ issuer: usual, application: 'orders', metadata: given, store })
      equal((await manager.ensure()).token_endpoint_auth_method, 'none')
    },
  },
  {
    name: '/profiles: a plain request suits each',
    async run() {
      for (const profile of Object.values(profiles))
        equal(
          checkProfile(metadata, profile).filter(({ level }) => level === 'MUST'),
          [],
        )
    },
  },
  {
    name: '/testing and /encrypted-store: both stores conform',
    async run() {
      const keys = [{ kid: '1', key: crypto.getRandomValues(new Uint8Array(32)) }]
      for (const make of [memoryStore, () => encryptedStore(memoryStore(), { keys })])
        for (const { run } of storeConformance(make)) await run()
    },
  },
]
