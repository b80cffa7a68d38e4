import { RegistrationClient, RegistrationError } from '@registrant/core'
import type { ManagerOptions, RegistrationResponse } from '@registrant/core'

import { printable } from '../show.ts'
import type { Diagnosis } from './doctor.ts'

/** What the server does with a client of its own that nobody uses: registers, reads, updates and deletes it. */
export async function probe(options: ManagerOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  const client = new RegistrationClient({ ...options, preflight: 'off' })
  const found: Diagnosis[] = []
  const about = 'probe'
  const registered = await client.register(options.metadata ?? {}, { signal })
  let current = registered
  found.push({ about, is: 'good', says: `registered client ${printable(registered.client_id)}` })
  const attempts = [
    ['a read', () => client.read(current, { signal })],
    ['an update', () => client.update(current, {}, { signal })],
  ] as const
  for (const [what, attempt] of attempts) {
    try {
      const next = await attempt()
      found.push({ about, is: 'good', says: `${what} works${changed(current, next)}` })
      current = next
    } catch (error) {
      found.push(failed(what, error))
    }
  }
  try {
    await client.delete(current, { signal })
    found.push({ about, is: 'good', says: 'a deletion works; the client is gone' })
  } catch (error) {
    const left = `client ${printable(registered.client_id)} is left at the server: delete it there`
    found.push({ ...failed('a deletion', error), is: 'bad' }, { about, is: 'bad', says: left })
  }
  return found
}

/** What a request brought that a lost answer would take away. */
function changed(before: RegistrationResponse, after: RegistrationResponse): string {
  const brought = [
    before.registration_access_token !== after.registration_access_token && 'another management token',
    before.client_secret !== after.client_secret && 'another secret',
  ].filter((what) => what !== false)
  return brought.length === 0 ? '' : `, and brings ${brought.join(' and ')}`
}

function failed(what: string, error: unknown): Diagnosis {
  if (!(error instanceof RegistrationError)) throw error
  return { about: 'probe', is: 'doubtful', says: `${what} does not work: ${error.message} (${error.code})` }
}
