import { load } from '../load.ts'
import type * as checks from './index.ts'

/** The rules: for a request that is not plain, for a listener, for a profile. */
export const loadChecks = async (): Promise<typeof checks> => load(import('./index.ts'))
