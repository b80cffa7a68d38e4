import { NotSupportedError } from '../../server-errors.ts'
import type { Context } from '../context.ts'
import type { OfRoutes, Step, Work } from '../ensure/actions.ts'
import type { Found } from '../record/record.ts'
import { adoptUnregistered } from './adopt.ts'
import { reasonFor } from './chosen-route.ts'
import { learnOffers } from './learn-offers.ts'
import { notRegistered } from './unregistered.ts'

/**
 * Carries out what concerns the routes to a client.
 *
 * @throws {NotSupportedError} `no-registration-endpoint`: there is no route; `not-managed`: more was asked for than there is to do
 *   with a client that nobody registered here
 */
export async function takeRoute(
  context: Context,
  found: Found | undefined,
  action: OfRoutes,
  work: Work,
): Promise<Step> {
  if (action.do === 'choose') return learnOffers(context, found, work)
  if (action.do === 'adopt') return adoptUnregistered(context, found, action.route)
  if (action.why === 'unregistered') throw notRegistered(found?.record.route)
  throw new NotSupportedError('no-registration-endpoint', reasonFor(context, found?.record))
}
