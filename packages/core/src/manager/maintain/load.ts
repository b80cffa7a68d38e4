import { loadChecks } from '../../checks/load.ts'
import { loadAccess } from '../../client/access/load.ts'
import { loadMaking, loadSigning } from '../../keys/load.ts'
import { ahead, load as loadUnit } from '../../load.ts'
import { platform } from '../../platform.ts'
import { load as loadKeys } from '../keys/load.ts'
import type * as Maintain from './index.ts'

/** Loads what more than a first registration needs. */
export const load = (): Promise<typeof Maintain> => loadUnit(import('./index.ts'))

/**
 * Loads all the rest in the background, where code lies in files that may be replaced under a running process: it goes on
 * with the release that it was started with.
 */
export function loadRest(): void {
  const process: unknown = Reflect.get(globalThis, 'process')
  const isNode =
    typeof process === 'object' && process !== null && Reflect.has(Object(Reflect.get(process, 'versions')), 'node')
  if (isNode) platform.after(0, () => ahead(load, loadAccess, loadChecks, loadKeys, loadMaking, loadSigning))
}
