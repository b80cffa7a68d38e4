// Another secret, or another key, without an interruption: replicas that watch get it from the store. An old key, and a client
// that was replaced, stay good meanwhile; a secret may end as soon as an update brings another, and whoever is refused by then
// gets that from reportRejected().
import { RegistrationManager } from '@registrant/node'
import type { RegistrationStore } from '@registrant/node'

interface Place {
  issuer: string
  store: RegistrationStore
}

const metadata = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }

/** A client with a secret. `overlap`: how long the client that was replaced goes on working, where another one is needed. */
export const withSecret = (place: Place): RegistrationManager =>
  new RegistrationManager({ ...place, application: 'orders', metadata, overlap: 10 * 60_000 })

/** A client with a key that the manager keeps: it is renewed by itself, every thirty days. */
export const withKey = (place: Place): RegistrationManager =>
  new RegistrationManager({ ...place, application: 'billing', metadata, keys: { rotateAfter: 30 * 86_400_000 } })

/** Renews what proves the client now: by an update where the server can do that, otherwise by another client. */
export async function rotate(manager: RegistrationManager): Promise<void> {
  const { client_id } = await manager.rotate()
  console.info('renewed:', client_id)
}
