import { loadChecks } from '../../checks/load.ts'
import { loadAccess } from '../../client/access/load.ts'
import { loadRetry } from '../../client/retry/load.ts'
import { loadJose } from '../../keys/load.ts'
import { load as loadUnit } from '../../load.ts'
import { platform } from '../../platform.ts'
import { load as loadKeys } from '../keys/load.ts'
import type * as Maintain from './index.ts'

/** Loads what more than a first registration needs. */
export const load = (): Promise<typeof Maintain> => loadUnit(import('./index.ts'))

/**
 * Loads all other code in Node, where files may be replaced under a running process: so it goes on with the release that it was
 * started with. This runs in the background, and `close()` waits for it: a test runner that has torn down the environment of a
 * test takes a later import for a failure.
 */
export async function loadRest(): Promise<void> {
  const process: unknown = Reflect.get(globalThis, 'process')
  const isNode =
    typeof process === 'object' && process !== null && Reflect.has(Object(Reflect.get(process, 'versions')), 'node')
  if (!isNode) return
  // A caller that waits for the registration gets it first.
  await new Promise<void>((resolve) => platform.after(0, resolve))
  const units = [load, loadAccess, loadRetry, loadChecks, loadKeys, loadJose]
  await Promise.allSettled(units.map((unit) => unit()))
}
