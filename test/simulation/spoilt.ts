import type { Credentials } from './history.ts'
import { issuer } from './server.ts'
import type { Simulated, SimulatedManager } from './world.ts'

/** The options that a spoilt manager uses. */
interface Options {
  store: {
    load(key: string): Promise<{ value: string; version: string } | undefined>
    save(key: string, value: string, expected: string | undefined): Promise<string | false>
  }
  fetch: typeof globalThis.fetch
  metadata: object
  onEvent?: (event: object) => void
}

type Manager = SimulatedManager & { options: Options; first?: Credentials }
type Spoil = (manager: Manager, verbs: Verbs) => Partial<SimulatedManager>

/** The verbs as they are before they are spoilt. */
type Verbs = Pick<SimulatedManager, 'ensure' | 'delete' | 'reportRejected' | 'forget'>

const register = async ({ options }: Manager): Promise<void> => {
  await options.fetch(`${issuer}/register`, { method: 'POST', body: JSON.stringify(options.metadata) })
}

/** For each invariant a manager that was spoilt for it. */
export const spoils: Readonly<Record<string, Spoil>> = {
  /** Makes a client that it tells nobody of. */
  I1: (manager, { ensure }) => ({
    async ensure(options) {
      const registration = await ensure(options)
      await register(manager)
      return registration
    },
  }),
  /** Deletes what it hands out. */
  I2: (manager, { ensure }) => ({
    async ensure(options) {
      const registration = await ensure(options)
      const headers = { authorization: `Bearer ${registration.registration_access_token}` }
      await manager.options.fetch(`${issuer}/register/${registration.client_id}`, { method: 'DELETE', headers })
      return registration
    },
  }),
  /** Brings back what stood there before it was deleted. */
  I3: ({ options: { store } }, verbs) => ({
    async delete(options) {
      const before = await store.load('')
      await verbs.delete(options)
      const now = await store.load('')
      if (before && now) await store.save('', before.value, now.version)
    },
  }),
  /** Registers although there is a client. */
  I16: (manager, { ensure }) => ({
    async ensure(options) {
      await register(manager)
      return ensure(options)
    },
  }),
  /** Registers as often as it likes. */
  I4: (manager, { ensure }) => ({
    async ensure(options) {
      for (let time = 0; time < 6; time++) await register(manager)
      return ensure(options)
    },
  }),
  /** Does not come back. */
  I5: () => ({ ensure: () => new Promise(() => undefined) }),
  /** Looks into the store all the time. */
  I6: ({ options: { store } }, { ensure }) => ({
    async ensure(options) {
      for (let time = 0; time < 220; time++) await store.load('')
      return ensure(options)
    },
  }),
  /** Remembers the first answer for ever. */
  I7: (manager, { ensure }) => ({
    async ensure(options) {
      manager.first ??= await ensure(options)
      return manager.first
    },
  }),
  /** Takes its time. */
  I8: (_, { ensure }) => ({
    async ensure(options) {
      const registration = await ensure(options)
      await new Promise((resolve) => Reflect.get(globalThis, 'simulated').setTimeout(resolve, 100_000))
      return registration
    },
  }),
  /** Hands out what is deleted. */
  I9: (manager, { ensure }) => ({
    async ensure(options) {
      try {
        return (manager.first = await ensure(options))
      } catch (error) {
        if (manager.first) return manager.first
        throw error
      }
    },
  }),
  /** Tells its listener everything. */
  I10: ({ options }, { ensure }) => ({
    async ensure(call) {
      const registration = await ensure(call)
      options.onEvent?.({ type: 'registered', registration })
      return registration
    },
  }),
  /** Believes nobody. */
  I11: (_, { ensure }) => ({
    async reportRejected(rejected, options) {
      const registration = await ensure(options)
      return registration.client_id === rejected.client_id ? registration : ensure(options)
    },
  }),
  /** Asks again at once. */
  I12: ({ options }) => {
    const { fetch } = options
    options.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      return answer.headers.has('retry-after') ? fetch(input, init) : answer
    }
    return {}
  },
  /** Looks whether the server is there. */
  I13: ({ options }, { ensure }) => ({
    async ensure(call) {
      await options.fetch(`${issuer}/token`)
      return ensure(call)
    },
  }),
  /** Knows no way out. */
  I14: () => ({
    async forget() {
      throw new Error('What is stored stays.')
    },
  }),
  /** Takes what it can not read for its own. */
  I17: ({ options: { store } }, { ensure }) => ({
    async ensure(options) {
      const now = await store.load('')
      if (now?.value.includes('"schema":3') === true)
        await store.save('', now.value.replace('"schema":3', '"schema":2'), now.version)
      return ensure(options)
    },
  }),
  /** Registers each time that it is asked. */
  I15: (manager, { ensure }) => ({
    async ensure(options) {
      for (let time = 0; time < 40; time++) await register(manager)
      return ensure(options)
    },
  }),
}

/** The manager, spoilt for one invariant. */
export function spoilt(name: string, simulated: Simulated): Simulated {
  const spoil = spoils[name]
  if (spoil === undefined) throw new Error(`Nothing is spoilt by ${name}`)
  class SpoiltManager extends simulated.RegistrationManager {
    readonly options: Options

    constructor(given: never) {
      const options: Options = Object.assign({}, given)
      const { fetch } = options
      // What is spoilt later reaches the manager all the same.
      super(Object.assign({}, given, { fetch: (...asked: Parameters<typeof fetch>) => options.fetch(...asked) }))
      this.options = options
      const verbs: Verbs = {
        ensure: (call) => super.ensure(call),
        delete: (call) => super.delete(call),
        forget: (call) => super.forget(call),
        reportRejected: (rejected, call) => super.reportRejected(rejected, call),
      }
      Object.assign(this, spoil?.(this, verbs))
    }
  }
  return { ...simulated, RegistrationManager: SpoiltManager }
}
