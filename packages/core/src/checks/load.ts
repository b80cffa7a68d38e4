import { load } from '../load.ts'
import type * as checks from './index.ts'

/** Loads the rules, which are needed for a request that is not plain, for a listener and for a profile. */
export const loadChecks = async (): Promise<typeof checks> => load(import('./index.ts'))
