import { load as loadUnit } from '../load.ts'
import type * as Ensure from './ensure/index.ts'
import type * as Maintain from './maintain/index.ts'

/** Loads what asks the server: when a good record is not enough. */
export const loadKeeper = (): Promise<typeof Ensure> => loadUnit(import('./ensure/index.ts'))

/** Loads what more than a first registration needs. */
export const load = (): Promise<typeof Maintain> => loadUnit(import('./maintain/index.ts'))
