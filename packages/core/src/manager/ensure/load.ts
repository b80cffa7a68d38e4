import { loadChecks } from '../../checks/load.ts'
import { loadMaking } from '../../keys/load.ts'
import { ahead, load as loadUnit } from '../../load.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { load as loadKeys } from '../keys/load.ts'
import type { KeeperOptions } from '../options.ts'
import type * as Ensure from './keeper.ts'

/**
 * Loads what asks the server: when a good record is not enough. What these options will need besides comes at the same
 * time, so that no file waits for another.
 */
export function load(
  options: Pick<KeeperOptions, 'keys' | 'metadataDocument' | 'onEvent' | 'preflight' | 'preRegistered' | 'profile'>,
): Promise<typeof Ensure> {
  const { keys, metadataDocument, onEvent, preflight, preRegistered, profile } = options
  if (onEvent ?? profile ?? preflight === 'strict') ahead(loadChecks)
  if (keys) ahead(loadKeys, loadMaking)
  if (preRegistered ?? metadataDocument) ahead(loadIdentity)
  return loadUnit(import('./keeper.ts'))
}
