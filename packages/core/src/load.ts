import { TransportError } from './errors.ts'

/**
 * Waits for code that a start with a good record never needs.
 *
 * @throws {TransportError} `not-sent` when it can't be loaded, as a page that is offline or was redeployed sees it
 */
export const load = <Module>(loading: Promise<Module>): Promise<Module> =>
  loading.catch((cause: unknown) => {
    throw new TransportError('Code for this could not be loaded.', { outcome: 'not-sent', cause })
  })

/** Loads code that will be needed, while something else is done: whoever needs it hears of it when it can't be loaded. */
export function ahead(...units: readonly (() => Promise<unknown>)[]): void {
  for (const unit of units) unit().catch(() => undefined)
}
