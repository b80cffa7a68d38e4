import { late } from '../client/late.ts'
import type * as Jose from './jose.ts'

/**
 * Loads what signs: with the first key that is really used, not before.
 *
 * @throws {TransportError} `not-sent` when it can't be loaded, as a page that is offline or was redeployed sees it
 */
export const jose = (): Promise<typeof Jose> => late(import('./jose.ts'))
