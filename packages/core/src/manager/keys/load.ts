import type * as Keys from './index.ts'
import { load as loadUnit } from '../../load.ts'

/** Loads the code that makes keys and signs with them: when there is a key to make, or the client has to prove itself. */
export const load = (): Promise<typeof Keys> => loadUnit(import('./index.ts'))
