import { load as loadUnit } from '../../load.ts'
import type * as Identity from './index.ts'

/** Loads what chooses between routes to a client: for whoever has more than one. */
export const load = (): Promise<typeof Identity> => loadUnit(import('./index.ts'))
