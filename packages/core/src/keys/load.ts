import { load } from '../load.ts'
import type * as Jose from './jose.ts'

export type { JWK } from 'jose'

/** Loads the code that makes keys and signs with them. */
export const loadJose = async (): Promise<typeof Jose> => load(import('./jose.ts'))
