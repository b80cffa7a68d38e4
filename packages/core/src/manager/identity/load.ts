import { load as loadUnit } from '../../load.ts'
import type * as Identity from './index.ts'

/** Loads the code that chooses between routes to a client, where there may be more than one. */
export const load = (): Promise<typeof Identity> => loadUnit(import('./index.ts'))
