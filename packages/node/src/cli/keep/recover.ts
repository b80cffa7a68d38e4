import { StoreError } from '@registrant/core'
import type { RegistrationResponse } from '@registrant/core'
import { registrationResponseSchema } from '@registrant/core/schema'

import { confirm, objectIn } from '../ask.ts'
import { UsageError, yes } from '../command.ts'
import type { Command, Result } from '../command.ts'
import { withManager } from '../configured.ts'
import type { Opened } from '../configured.ts'
import { printable } from '../show.ts'

export const recover: Command = {
  name: 'recover',
  usage: '[FILE]',
  summary: 'take a client that is known from elsewhere for the registration',
  help: `Takes a client that exists at the server for the registration, over whatever is stored, even what can not be read,
unless a newer release wrote it: after a lost store, or for a client that an operator made. The client that was stored
before is listed as an orphan. What FILE leaves out of that very client stays as it is stored.

FILE holds what the server said of it, as JSON: client_id, and client_secret, registration_access_token and
registration_client_uri where there are any. Without FILE it is read from standard input.`,
  options: yes,
  operands: [0, 1],
  async run(call) {
    const [path = '-'] = call.operands
    const known = responseIn(await objectIn(path, call.signal), path)
    let inUse: Partial<RegistrationResponse> = {}
    const task = async ({ manager }: Opened): Promise<Result> => {
      const stored = await manager.status({ signal: call.signal }).then(
        ({ client_id }) => client_id,
        (error: unknown) => {
          // A record of a newer release (no StoreError) is not replaced, so there is nothing to confirm.
          if (!(error instanceof StoreError)) throw error
          return 'the record that can not be read'
        },
      )
      if (stored !== undefined && stored !== known.client_id)
        await confirm(call, `${printable(known.client_id)} will take the place of ${printable(stored)}.`)
      const replaced = credentials.filter((member) => isReplaced(inUse[member], known[member]))
      if (stored === known.client_id && replaced.length > 0)
        await confirm(
          call,
          `Another ${replaced.join(' and ')} of ${printable(stored)} is stored, and will be replaced.`,
        )
      await manager.recover(known, { signal: call.signal })
      return {
        lines: [`✓ client ${printable(known.client_id)} is the registration now. Next: registrant ensure`],
        json: { client_id: known.client_id },
      }
    }
    return withManager(call, task, ({ store, ...options }) => ({
      ...options,
      store: {
        ...store,
        async load(...given) {
          const found = await store.load(...given)
          inUse = registrationIn(found?.value)
          return found
        },
      },
    }))
  },
}

const credentials = ['client_secret', 'registration_access_token'] as const

/** Whether another value of a credential is stored, perhaps the only copy of it. */
const isReplaced = (stored: string | undefined, given: string | undefined): boolean =>
  stored !== undefined && given !== undefined && stored !== given

/** The client in use, by the text of a record. */
function registrationIn(text = '{}'): Partial<RegistrationResponse> {
  try {
    return Object(Object(JSON.parse(text)).registration)
  } catch {
    return {}
  }
}

function responseIn(content: Record<string, unknown>, path: string): RegistrationResponse {
  const checked = registrationResponseSchema['~standard'].validate(content)
  if (checked.issues === undefined) return checked.value
  const wrong = checked.issues.map(({ message, path: at = [] }) => `${at.join('.')}: ${message}`)
  throw new UsageError(`${path === '-' ? 'Standard input' : path} is no answer of a server: ${wrong.join(' ')}`)
}
