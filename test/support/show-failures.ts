// Loaded before every test file, by a worker that runs many: every error of a client or a manager is shown, looked at or not.
import { RegistrationManager } from '@registrant/core/manager'
import { RegistrationClient } from '@registrant/node'

import { show } from './dump.ts'

const isWatched = Symbol.for('registrant: failures are shown')

for (const { prototype } of process.env['REGISTRANT_SHOWN'] ? [RegistrationClient, RegistrationManager] : []) {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method: unknown = Reflect.get(prototype, name)
    if (name === 'constructor' || typeof method !== 'function' || isWatched in method) continue
    const watched = function (this: unknown, ...args: unknown[]): unknown {
      const result: unknown = Reflect.apply(method, this, args)
      if (result instanceof Promise) result.catch(show)
      return result
    }
    Reflect.defineProperty(watched, isWatched, { value: true })
    Reflect.defineProperty(prototype, name, { value: watched, writable: true, configurable: true })
  }
}
