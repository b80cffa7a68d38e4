import { memoryStore, RegistrationManager } from '@registrant/core'
import type { RegistrationRequest, RegistrationResponse, RegistrationStore } from '@registrant/core'

import { equal, refusalOf } from './case.ts'
import type { Case } from './case.ts'

const metadata: RegistrationRequest = { redirect_uris: ['https://app.example/callback'], client_name: 'Orders' }

/** A manager, and how many requests it has made. */
function manage(issuer: string, given: { store?: RegistrationStore; metadata?: RegistrationRequest; keys?: {} } = {}) {
  let requests = 0
  const manager = new RegistrationManager({
    issuer,
    application: 'orders',
    metadata,
    store: memoryStore(),
    forgetDelay: 0,
    fetch: (...asked) => {
      requests++
      return fetch(...asked)
    },
    ...given,
  })
  return { manager, requests: () => requests }
}

/** As an operator does it, behind the back of the manager. */
async function remove({ registration_client_uri, registration_access_token }: RegistrationResponse): Promise<void> {
  const headers = { authorization: `Bearer ${registration_access_token}` }
  const { status } = await fetch(registration_client_uri ?? '', { method: 'DELETE', headers })
  equal(status, 204)
}

export const managerCases: readonly Case[] = [
  {
    name: 'ensure() registers once, and a start with a good record asks nobody',
    async run({ usual }) {
      const store = memoryStore()
      const first = await manage(usual, { store }).manager.ensure()
      const { manager, requests } = manage(usual, { store })
      equal([(await manager.ensure()).client_id, requests()], [first.client_id, 0])
    },
  },
  {
    name: 'callers at the same time get one client',
    async run({ usual }) {
      const store = memoryStore()
      const managers = Array.from({ length: 5 }, () => manage(usual, { store }).manager)
      const ids = await Promise.all(managers.map(async (manager) => (await manager.ensure()).client_id))
      equal(new Set(ids).size, 1)
    },
  },
  {
    name: 'a changed declaration is an update of the same client',
    async run({ usual }) {
      const store = memoryStore()
      const first = await manage(usual, { store }).manager.ensure()
      const changed = { ...metadata, client_name: 'Orders 2' }
      const now = await manage(usual, { store, metadata: changed }).manager.ensure()
      equal([now.client_id, now.client_name], [first.client_id, 'Orders 2'])
    },
  },
  {
    name: 'a client that the server removed is replaced once it is reported',
    async run({ usual }) {
      const { manager } = manage(usual)
      const first = await manager.ensure()
      await remove(first)
      const second = await manager.reportRejected(first)
      equal(second.client_id === first.client_id, false)
      equal((await manager.ensure()).client_id, second.client_id)
    },
  },
  {
    name: 'keys are made, prove the client, and are rotated',
    async run({ usual }) {
      const { manager } = manage(usual, { keys: {} })
      const registered = await manager.ensure()
      const { form } = await manager.authentication()
      const { client_assertion = '' } = { ...form }
      const [head = ''] = client_assertion.split('.')
      equal(JSON.parse(atob(head.replaceAll('-', '+').replaceAll('_', '/'))).alg, 'ES256')
      const rotated = await manager.rotate()
      equal(rotated.client_id, registered.client_id)
      equal(JSON.stringify(rotated.jwks) === JSON.stringify(registered.jwks), false)
    },
  },
  {
    name: 'delete() deletes the client, and close() ends the manager',
    async run({ usual }) {
      const { manager } = manage(usual)
      await manager.ensure()
      await manager.delete()
      equal((await manager.status()).state, 'deleted')
      await manager.close()
      equal((await refusalOf(manager.ensure())).code, 'closed')
    },
  },
]
