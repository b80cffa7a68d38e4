import { load } from '../../load.ts'
import type * as Retry from './retry-get.ts'

/** Loads what says whether and when a GET is sent again: ky. */
export const loadRetry = (): Promise<typeof Retry> => load(import('./retry-get.ts'))
