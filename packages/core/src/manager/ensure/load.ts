import { loadAhead } from '../../client/load.ts'
import { loadJose } from '../../keys/load.ts'
import { ahead, load as loadUnit } from '../../load.ts'
import { load as loadIdentity } from '../identity/load.ts'
import { load as loadKeys } from '../keys/load.ts'
import type { KeeperOptions } from '../options.ts'
import type * as Ensure from './keeper.ts'

/**
 * Loads the code that asks the server, when a good record is not enough. Other code that these options need is loaded at the same
 * time, so that no file waits for another.
 */
export function load(
  options: Pick<
    KeeperOptions,
    'accessToken' | 'keys' | 'metadataDocument' | 'onEvent' | 'preflight' | 'preRegistered' | 'profile'
  >,
): Promise<typeof Ensure> {
  const { keys, metadataDocument, preRegistered } = options
  loadAhead(options)
  if (keys) ahead(loadKeys, loadJose)
  if (preRegistered ?? metadataDocument) ahead(loadIdentity)
  return loadUnit(import('./keeper.ts'))
}
