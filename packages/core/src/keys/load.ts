import { TransportError } from '../errors.ts'
import type * as Jose from './jose.ts'

/**
 * Loads what signs: with the first key that is really used, not before.
 *
 * @throws {TransportError} `not-sent` when it can't be loaded, as a page that is offline or was redeployed sees it
 */
export async function jose(): Promise<typeof Jose> {
  return import('./jose.ts').catch((error: unknown) => {
    throw new TransportError('The code that signs could not be loaded; nothing was sent.', {
      outcome: 'not-sent',
      cause: new Error(error instanceof Error ? error.message : 'import failed'),
    })
  })
}
