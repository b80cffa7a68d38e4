import { load } from '../../load.ts'
import type * as Retry from './retry-get.ts'

/** Loads the code, with ky, that decides whether and when a GET is sent again. */
export const loadRetry = (): Promise<typeof Retry> => load(import('./retry-get.ts'))
