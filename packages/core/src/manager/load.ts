import { loadChecks } from '../checks/load.ts'
import { loadMaking, loadSigning } from '../keys/load.ts'
import { load as loadUnit } from '../load.ts'
import { platform } from '../platform.ts'
import type * as Ensure from './ensure/index.ts'
import { load as loadKeys } from './keys/load.ts'
import type * as Maintain from './maintain/index.ts'
import type { KeeperOptions } from './options.ts'

/**
 * Loads what asks the server: when a good record is not enough. What these options will need besides comes at the same
 * time, so that no file waits for another.
 */
export function loadKeeper(
  options: Pick<KeeperOptions, 'keys' | 'onEvent' | 'preflight' | 'profile'>,
): Promise<typeof Ensure> {
  const { keys, onEvent, preflight, profile } = options
  if (onEvent ?? profile ?? preflight === 'strict') ahead(loadChecks)
  if (keys) ahead(loadKeys, loadMaking)
  return loadUnit(import('./ensure/index.ts'))
}

/** Loads what more than a first registration needs. */
export const load = (): Promise<typeof Maintain> => loadUnit(import('./maintain/index.ts'))

/**
 * Loads all the rest in the background, where code lies in files that may be replaced under a running process: it goes on
 * with the release that it was started with.
 */
export function loadRest(): void {
  const process: unknown = Reflect.get(globalThis, 'process')
  const isNode =
    typeof process === 'object' && process !== null && Reflect.has(Object(Reflect.get(process, 'versions')), 'node')
  if (isNode) platform.after(0, () => ahead(load, loadChecks, loadKeys, loadMaking, loadSigning))
}

/** Whoever needs it will hear of it when it can't be loaded. */
function ahead(...units: readonly (() => Promise<unknown>)[]): void {
  for (const unit of units) unit().catch(() => undefined)
}
