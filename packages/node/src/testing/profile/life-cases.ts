import type { ClientProof } from '@registrant/core'
import { RegistrationManager } from '@registrant/core'
import type { RegistrationResponse } from '@registrant/core'
import { memoryStore } from '@registrant/core'
import { ensureSame, ensureThat, failureOf, letPass } from './expect.ts'
import type { ServerAnswer } from './server-behaviour.ts'
import type { Imitation, ProfileCase } from './profile-case.ts'

/** Milliseconds for which a manager doubts a rejection, in these cases. */
const forgetDelay = 30

/** Cases about what a manager does with the server over a longer time. */
export const lifeCases: readonly ProfileCase[] = [
  [
    'brings a changed declaration to the server',
    () => true,
    async (imitation) => {
      const store = memoryStore()
      await manager(imitation, store).ensure()
      const { redirect_uris } = await manager(imitation, store, moved(imitation)).ensure()
      ensureSame(redirect_uris, moved(imitation).redirect_uris, 'redirect_uris')
    },
  ],
  [
    'throws when the server refuses a declaration, and keeps the client that works',
    () => true,
    async (imitation) => {
      const { server } = imitation
      const store = memoryStore()
      const before = await manager(imitation, store).ensure()
      for (const operation of ['register', 'update'])
        server.always.set(operation, { status: 400, error: 'invalid_redirect_uri' })
      const next = manager(imitation, store, moved(imitation))
      await failureOf(next.ensure(), 'the refused declaration was accepted')
      ensureSame((await next.ensure()).client_id, before.client_id, 'client_id')
    },
  ],
  [
    'keeps a client that the server knows, whatever is reported',
    ({ token: { known, unknown }, management }) => management?.by !== 'none' || canTell(known, unknown),
    async (imitation) => {
      const one = manager(imitation)
      const before = await one.ensure()
      await reported(one, before, 2)
      ensureSame((await one.ensure()).client_id, before.client_id, 'client_id')
    },
  ],
  [
    'registers anew once the server has forgotten the client',
    () => true,
    async (imitation) => {
      const one = manager(imitation)
      const before = await one.ensure()
      imitation.server.clients.delete(before.client_id)
      const after = await reported(one, before, 8)
      ensureThat(after.client_id !== before.client_id, 'the client that the server forgot stays in use')
    },
  ],
  [
    'proves a client by its key to whom the server wants it addressed',
    ({ token, knows }) => token.audience !== undefined && knows.includes('jwks'),
    async (imitation) => {
      const { token_endpoint_auth_method: _, ...metadata } = imitation.behaviour.takes
      const { options, behaviour } = imitation
      const one = new RegistrationManager({ ...options, application: 'app', metadata, store: memoryStore(), keys: {} })
      await one.ensure()
      ensureSame(await tokenStatus(imitation, await one.authentication()), behaviour.token.known.status, 'status')
    },
  ],
]

/** Sends what proves the client to the token endpoint, with a code that nobody issued. */
async function tokenStatus({ server }: Imitation, { headers, form }: ClientProof): Promise<number> {
  const body = new URLSearchParams({ grant_type: 'authorization_code', code: 'nobody-issued-it', ...form })
  return (await server.fetch(server.tokenEndpoint, { method: 'POST', headers: { ...headers }, body })).status
}

/** Whether the token endpoint answers a client that it knows otherwise than one that it does not. */
const canTell = (known: ServerAnswer, unknown: ServerAnswer): boolean =>
  known.status !== unknown.status || known.error !== unknown.error

function moved({ behaviour }: Imitation): { redirect_uris: string[] } {
  return { redirect_uris: behaviour.takes.redirect_uris?.map((uri) => `${uri}/moved`) ?? [] }
}

function manager({ behaviour, options }: Imitation, store = memoryStore(), more: object = {}): RegistrationManager {
  const metadata = { ...behaviour.takes, ...more }
  return new RegistrationManager({ ...options, application: 'app', metadata, store, forgetDelay })
}

/** The registration in use after a service has reported its client rejected so often, or once it has another one. */
async function reported(
  one: RegistrationManager,
  rejected: RegistrationResponse,
  times: number,
): Promise<RegistrationResponse> {
  let now = rejected
  for (let time = 0; time < times && now.client_id === rejected.client_id; time++) {
    await letPass(forgetDelay + 10)
    now = await one.reportRejected(rejected).catch(() => rejected)
  }
  return now
}
