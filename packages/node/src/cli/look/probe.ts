import { PolicyError, RegistrationClient } from '@registrant/core'
import type { ManagerOptions, RegistrationResponse } from '@registrant/core'

import { exitCodeOf } from '../exit-code.ts'
import { messageOf } from '../report.ts'
import { printable } from '../show.ts'
import type { Diagnosis } from './doctor.ts'

const about = 'probe'

/**
 * Registers, reads, updates and deletes a client that nobody uses, and tells what the server did. A client that was
 * registered is deleted even after the signal aborted: only the read and the update are left out then.
 */
export async function probe(options: ManagerOptions, signal: AbortSignal): Promise<Diagnosis[]> {
  signal.throwIfAborted()
  const client = new RegistrationClient({ ...options, preflight: 'off' })
  const found: Diagnosis[] = []
  let current: RegistrationResponse
  try {
    current = await client.register(options.metadata ?? {})
    found.push({ about, is: 'good', says: `registered client ${printable(current.client_id)}` })
  } catch (error) {
    const made = error instanceof PolicyError ? error.registration : undefined
    if (made === undefined) throw error
    const what = `a registration (client ${printable(made.client_id)})`
    found.push({ ...failed(what, error), is: 'bad', exitCode: exitCodeOf(error) })
    return [...found, ...(await deleted(client, made))]
  }
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
      // The answer that was refused here may have brought another management token.
      const { registration: known } = error instanceof PolicyError ? error : {}
      if (known?.client_id === current.client_id) current = known
    }
  }
  return [...found, ...(await deleted(client, current))]
}

async function deleted(client: RegistrationClient, registration: RegistrationResponse): Promise<Diagnosis[]> {
  const id = printable(registration.client_id)
  try {
    await client.delete(registration)
    return [{ about, is: 'good', says: `a deletion works; the client is gone` }]
  } catch (error) {
    const left = `client ${id} is left at the server: delete it there`
    const exitCode = exitCodeOf(error)
    return [
      { ...failed('a deletion', error), is: 'bad', exitCode },
      { about, is: 'bad', says: left, exitCode },
    ]
  }
}

/** The new credentials that an answer brought, which would be lost with the answer. */
function changed(before: RegistrationResponse, after: RegistrationResponse): string {
  const brought = [
    before.registration_access_token !== after.registration_access_token && 'another management token',
    before.client_secret !== after.client_secret && 'another secret',
  ].filter((what) => what !== false)
  return brought.length === 0 ? '' : `, and brings ${brought.join(' and ')}`
}

function failed(what: string, error: unknown): Diagnosis {
  return { about, is: 'doubtful', says: `${what} does not work: ${messageOf(error)}` }
}
