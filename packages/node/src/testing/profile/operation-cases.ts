import { clientCredentials } from '@registrant/core'
import { RegistrationClient } from '@registrant/core'
import { RegistrationError } from '@registrant/core'
import { ServerRefusedError } from '@registrant/core'
import type { RegistrationRequest, RegistrationResponse } from '@registrant/core'
import { ensureSame, ensureThat, failureOf } from './expect.ts'
import type { Imitation, ProfileCase } from './profile-case.ts'
import type { ServerBehaviour } from './server-behaviour.ts'

const managed = ({ management }: ServerBehaviour): boolean => management?.by !== 'none'
const can = (operation: 'read' | 'update' | 'delete') => (behaviour: ServerBehaviour) =>
  managed(behaviour) && behaviour.management?.lacks?.[operation] === undefined
const updatable = can('update')

/** Cases about what the profile changes in a request on its way, and in what becomes of the answer. */
export const operationCases: readonly ProfileCase[] = [
  [
    'registers a client by the issuer alone',
    () => true,
    async ({ behaviour, server, options }) => {
      const { client_id } = await new RegistrationClient(options).register(behaviour.takes)
      ensureThat(server.clients.has(client_id), 'the server does not know the client')
    },
  ],
  [
    'reads a client, and keeps the secret that it has',
    can('read'),
    async (imitation) => {
      const { client, registered } = await registration(imitation)
      const read = await client.read(registered)
      ensureSame(read.client_id, registered.client_id, 'client_id')
      ensureSame(read.client_secret, registered.client_secret, 'client_secret')
    },
  ],
  [
    'updates a client, and takes out what is to go',
    updatable,
    async (imitation) => {
      const { client, server, registered } = await registration(imitation, { client_uri: 'https://app.example/' })
      const updated = await client.update(registered, { client_uri: null })
      ensureSame(updated.client_uri, undefined, 'client_uri at the server')
      ensureSame(server.clients.get(registered.client_id)?.['client_uri'], undefined, 'client_uri at the server')
      await client.update(updated, {})
    },
  ],
  [
    'does not send back in an update what the server worked out by itself',
    (behaviour) => updatable(behaviour) && behaviour.derives !== undefined,
    async (imitation) => {
      const { client, server, registered } = await registration(imitation)
      await client.update(registered, {})
      const { body = '{}' } = server.arrived.findLast(({ operation }) => operation === 'update') ?? {}
      const sent: object = JSON.parse(body)
      const back = Object.keys(imitation.behaviour.derives ?? {}).filter((member) => Object.hasOwn(sent, member))
      ensureSame(back, [], 'members that are sent back')
    },
  ],
  [
    'deletes a client',
    can('delete'),
    async (imitation) => {
      const { client, server, registered } = await registration(imitation)
      await client.delete(registered)
      ensureThat(!server.clients.has(registered.client_id), 'the server still knows the client')
    },
  ],
  [
    'sends nothing for an operation that the server does not have, and says why',
    ({ management }) => management?.lacks !== undefined,
    async (imitation) => {
      const { client, server, registered } = await registration(imitation)
      const calls = {
        read: () => client.read(registered),
        update: () => client.update(registered, {}),
        delete: () => client.delete(registered),
      }
      for (const operation of ['read', 'update', 'delete'] as const) {
        if (imitation.behaviour.management?.lacks?.[operation] === undefined) continue
        const error = await failureOf(calls[operation](), `${operation} succeeded`)
        ensureThat(error instanceof RegistrationError && error.code === 'unsupported', `${operation}: ${String(error)}`)
        ensureSame(server.count(operation), 0, `requests to ${operation}`)
      }
    },
  ],
  [
    'tries once more with another access token when one does not do',
    ({ access }) => access !== undefined && access.singleUse !== true,
    async ({ behaviour, server, options }) => {
      const client = new RegistrationClient(options)
      await client.discover()
      server.next.set('register', behaviour.access?.refused ?? { status: 401 })
      await client.register(behaviour.takes)
      ensureSame(server.count('register'), 2, 'requests')
      await client.register(behaviour.takes)
    },
  ],
  [
    'uses an access token once where it does for one registration',
    ({ access }) => access?.singleUse === true,
    async ({ behaviour, server, options }) => {
      const client = new RegistrationClient(options)
      await client.register(behaviour.takes)
      await client.register(behaviour.takes)
      ensureSame(server.count('register'), 2, 'requests')
    },
  ],
  [
    'speaks the scheme Bearer where the server knows no other',
    ({ access }) => access?.bearerOnly === true,
    async ({ behaviour, server, options }) => {
      const accessToken = () => ({ access_token: server.issue(), token_type: 'DPoP' })
      await new RegistrationClient({ ...options, accessToken, dpop: () => 'proof' }).register(behaviour.takes)
    },
  ],
  [
    'encodes the credentials of HTTP Basic as the server decodes them',
    () => true,
    async ({ behaviour, server, options }) => {
      const client = { client_id: 'payer+%', client_secret: 'p%ss w+rd:' }
      server.clients.set(client.client_id, client)
      const { client_id: clientId, client_secret: clientSecret } = client
      const accessToken = clientCredentials({ clientId, clientSecret, authentication: 'client_secret_basic' })
      const { known, unknown, wrongSecret = unknown } = behaviour.token
      if (known.status === wrongSecret.status && known.error === wrongSecret.error) return
      const error = await failureOf(
        new RegistrationClient({ ...options, accessToken }).register(behaviour.takes),
        'a token came',
      )
      ensureThat(
        error instanceof ServerRefusedError && error.status === known.status && error.error === known.error,
        `the credentials were not understood: ${String(error)}`,
      )
    },
  ],
  [
    'says what a refusal means there',
    ({ refusals = [] }) => refusals.length > 0,
    async (imitation) => {
      for (const { operation, ...answer } of imitation.behaviour.refusals ?? []) {
        const { client, server, registered, takes } = await registration(imitation)
        const calls = {
          token: () =>
            new RegistrationClient({
              ...imitation.options,
              accessToken: clientCredentials({ clientId: 'payer', clientSecret: 'secret' }),
            }).register(takes),
          register: () => client.register(takes),
          read: () => client.read(registered),
          update: () => client.update(registered, {}),
          delete: () => client.delete(registered),
        }
        // The server may be asked once more, with another token.
        const before = server.count(operation)
        server.next.set(operation, answer)
        let error = await calls[operation]().then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        if (error === undefined && server.count(operation) - before === 2) {
          server.always.set(operation, answer)
          error = await failureOf(calls[operation](), `${operation} succeeded`)
          server.always.clear()
        }
        const told = error instanceof Error ? error.message : ''
        const meant = imitation.profile.advice?.find(
          (it) =>
            it.status === answer.status &&
            (it.error === undefined || it.error === answer.error) &&
            (it.operation === undefined || it.operation === operation),
        )
        const what = `${operation} ${answer.status} ${answer.error ?? ''}`
        ensureThat(meant !== undefined, `nothing is said of ${what}`)
        ensureThat(told.includes(meant.message), `${what} is told as: ${told}`)
      }
    },
  ],
]

/** A client, and what it registered with the members that the server knows. */
async function registration(
  { behaviour, server, options }: Imitation,
  more: object = {},
): Promise<{
  client: RegistrationClient
  server: Imitation['server']
  registered: RegistrationResponse
  takes: RegistrationRequest
}> {
  const client = new RegistrationClient(options)
  const takes = { ...behaviour.takes, ...more }
  return { client, server, takes, registered: await client.register(takes) }
}
