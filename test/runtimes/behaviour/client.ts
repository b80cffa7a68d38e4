import { clientCredentials, RegistrationClient } from '@registrant/core'

import { equal, refusalOf } from './case.ts'
import type { Case } from './case.ts'

const metadata = { redirect_uris: ['https://app.example/callback'], client_name: 'Orders' }

export const clientCases: readonly Case[] = [
  {
    name: 'a client is registered, read, changed and deleted',
    async run({ usual }) {
      const client = new RegistrationClient({ issuer: usual })
      const registered = await client.register(metadata)
      equal((await client.read(registered)).client_id, registered.client_id)
      const changed = await client.update(registered, { client_name: 'Orders 2' })
      equal([changed.client_id, changed.client_name], [registered.client_id, 'Orders 2'])
      await client.delete(changed)
      equal((await refusalOf(client.read(changed))).name, 'ServerRefusedError')
    },
  },
  {
    name: 'a token is fetched with the credentials of a registrar',
    async run({ closed, registrar }) {
      const client = new RegistrationClient({ issuer: closed, accessToken: clientCredentials(registrar) })
      equal((await client.register(metadata)).client_name, 'Orders')
      const stranger = new RegistrationClient({ issuer: closed })
      equal((await refusalOf(stranger.register(metadata))).name, 'ServerRefusedError')
    },
  },
  {
    name: 'a refusal is told with its code',
    async run({ refusing }) {
      const refused = await refusalOf(new RegistrationClient({ issuer: refusing }).register(metadata))
      equal([refused.error, refused.outcome], ['invalid_redirect_uri', 'refused'])
    },
  },
  {
    name: 'a connection that breaks after the request left is told as unknown',
    async run({ losing }) {
      const { name, outcome } = await refusalOf(new RegistrationClient({ issuer: losing }).register(metadata))
      equal([name, outcome], ['TransportError', 'unknown'])
    },
  },
  {
    name: 'a server that says nothing is left after the timeout',
    async run({ silent }) {
      const client = new RegistrationClient({ issuer: silent, timeout: 1500 })
      const { name, outcome } = await refusalOf(client.register(metadata))
      equal([name, outcome], ['TransportError', 'unknown'])
    },
  },
  {
    name: 'a caller who leaves gets their own reason',
    async run({ silent }) {
      const reason = new Error('enough')
      const leaving = new AbortController()
      const call = new RegistrationClient({ issuer: silent }).register(metadata, { signal: leaving.signal })
      setTimeout(() => leaving.abort(reason), 500)
      const thrown = await call.then(
        () => undefined,
        (error: unknown) => error,
      )
      if (thrown !== reason && Object(thrown).cause !== reason) throw new Error(`Thrown was ${String(thrown)}`)
    },
  },
  {
    name: 'an answer beyond 256 KiB is refused',
    async run({ long }) {
      const { name, outcome } = await refusalOf(new RegistrationClient({ issuer: long }).register(metadata))
      equal([name, outcome], ['UnexpectedAnswerError', 'accepted'])
    },
  },
  {
    name: 'an address that nobody listens at is told as not sent',
    async run() {
      const { name, outcome } = await refusalOf(new RegistrationClient({ issuer: 'http://127.0.0.1:9' }).discover())
      equal([name, outcome], ['TransportError', 'not-sent'])
    },
  },
  {
    name: 'a request that breaks a rule is refused before anything is sent',
    async run({ usual }) {
      const wrong = { redirect_uris: ['https://app.example/callback#fragment'] }
      equal((await refusalOf(new RegistrationClient({ issuer: usual }).register(wrong))).name, 'InvalidRequestError')
    },
  },
]
