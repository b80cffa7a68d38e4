import { setTimeout as sleep } from 'node:timers/promises'

import { clientCredentials, RegistrationError, RegistrationManager } from '@registrant/node'
import type { RegistrationResponse, RegistrationStore } from '@registrant/node'

import type { ScriptedServer } from '../servers/index.ts'

/** Calls until the engine lets it, and again where something is left alone for a moment: a service would start again, or watch. */
export async function ensured(call: () => Promise<RegistrationResponse>): Promise<RegistrationResponse> {
  for (let round = 0; ; round++) {
    try {
      return await call()
    } catch (error) {
      if (round === 300 || !(error instanceof RegistrationError)) throw error
      await sleep(100)
    }
  }
}

/** One replica of a service. */
export function managerOf(
  server: ScriptedServer,
  store: RegistrationStore,
  instance: string,
  { timeout = 20_000, lease = 25_000 } = {},
): RegistrationManager {
  return new RegistrationManager({
    issuer: server.issuer,
    accessToken: clientCredentials({ ...server.registrar, authentication: 'client_secret_post' }),
    application: 'orders',
    instance,
    metadata: { redirect_uris: [], grant_types: ['client_credentials'], response_types: [], scope: 'orders' },
    store,
    timeout,
    lease,
  })
}

/** Follows the saves of one record that were acknowledged, by the revision that each of them has. */
export class AcknowledgedSaves {
  count = 0
  readonly #acknowledged: { key: string; epoch: string; revision: number }[] = []

  /** @param ready throws where nothing may be asked any more */
  heardIn(store: RegistrationStore, ready: () => void = () => undefined): RegistrationStore {
    return {
      ...store,
      load: async (...given) => (ready(), store.load(...given)),
      save: async (key, value, expected, signal) => {
        ready()
        const version = await store.save(key, value, expected, signal)
        if (version !== false) this.#note(key, value)
        return version
      },
    }
  }

  /** How many of them are newer than what is stored. */
  async missingFrom(store: RegistrationStore): Promise<number> {
    const [first] = this.#acknowledged
    const stored = first && (await store.load(first.key))
    const { epoch, revision }: { epoch?: string; revision?: number } = JSON.parse(stored?.value ?? '{}')
    return this.#acknowledged.filter((it) => it.epoch !== epoch || it.revision > (revision ?? 0)).length
  }

  #note(key: string, value: string): void {
    const { epoch, revision } = JSON.parse(value)
    this.count++
    this.#acknowledged.push({ key, epoch, revision })
  }
}
