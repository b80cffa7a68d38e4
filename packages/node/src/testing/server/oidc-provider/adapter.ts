import type { Adapter, AdapterPayload } from 'oidc-provider'

/** What oidc-provider keeps: one map for each of its models. Its own in-memory adapter forgets all but the last 1,000. */
export class Memory {
  readonly #models = new Map<string, Map<string, AdapterPayload>>()

  /** The entries of one model, by identifier. */
  of(model: string): Map<string, AdapterPayload> {
    const known = this.#models.get(model) ?? new Map<string, AdapterPayload>()
    this.#models.set(model, known)
    return known
  }

  readonly adapter = (model: string): Adapter => {
    const entries = this.of(model)
    const firstWith = async (member: 'uid' | 'userCode', value: string): Promise<AdapterPayload | undefined> =>
      [...entries.values()].find((payload) => payload[member] === value)
    return {
      upsert: async (id, payload) => void entries.set(id, payload),
      find: async (id) => entries.get(id),
      findByUid: (uid) => firstWith('uid', uid),
      findByUserCode: (userCode) => firstWith('userCode', userCode),
      consume: async (id) => {
        const payload = entries.get(id)
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
      },
      destroy: async (id) => void entries.delete(id),
      revokeByGrantId: async (grantId) => {
        for (const [id, payload] of entries) if (payload.grantId === grantId) entries.delete(id)
      },
    }
  }
}
