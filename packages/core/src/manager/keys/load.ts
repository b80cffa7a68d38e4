import type * as Keys from './index.ts'
import { late } from '../../client/late.ts'

/** Loads what makes keys and signs with them: when there is a key to make, or the client has to prove itself. */
export const load = (): Promise<typeof Keys> => late(import('./index.ts'))
