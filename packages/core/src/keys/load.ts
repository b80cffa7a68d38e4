import { late } from '../load.ts'
import type * as Making from './jose-making.ts'
import type * as Signing from './jose-signing.ts'

/**
 * Loads what makes keys of any kind.
 *
 * @throws {TransportError} `not-sent` when it can't be loaded, as a page that is offline or was redeployed sees it
 */
export const joseMaking = (): Promise<typeof Making> => late(import('./jose-making.ts'))

/**
 * Loads what signs with keys of any kind: with the first such signature, not before.
 *
 * @throws {TransportError} as `joseMaking`
 */
export const joseSigning = (): Promise<typeof Signing> => late(import('./jose-signing.ts'))
