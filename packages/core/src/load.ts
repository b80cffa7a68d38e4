import { TransportError } from './errors.ts'

/**
 * Waits for code that is loaded late, because a start with a good record never needs it.
 *
 * @throws {TransportError} `not-sent` when it can't be loaded, as a page that is offline or was redeployed sees it
 */
export const load = <Module>(loading: Promise<Module>): Promise<Module> =>
  loading.catch((cause: unknown) => {
    throw new TransportError('Code for this could not be loaded.', { outcome: 'not-sent', cause })
  })

/** Begins to load code that will be needed. A failure is ignored here: the call that needs the code reports it. */
export function ahead(...units: readonly (() => Promise<unknown>)[]): void {
  for (const unit of units) unit().catch(() => undefined)
}
