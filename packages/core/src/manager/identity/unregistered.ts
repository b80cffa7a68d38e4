import { StateError } from '../../errors.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { platform } from '../../platform.ts'
import { NotSupportedError } from '../../server-errors.ts'
import type { Context, Rejected, Step, Work } from '../context.ts'
import type { Found, RegistrationRecord, UnregisteredRoute } from '../record/record.ts'
import type { OfRoutes } from '../ensure/actions.ts'
import { learnOffers, lookAgain } from './learn-offers.ts'
import { adoptUnregistered } from './adopt.ts'
import { chosenRoute, reasonFor } from './chosen-route.ts'

/** The error of a verb that would change, renew, read or delete a client which nobody registered here. */
export const notRegistered = (route: UnregisteredRoute | undefined): NotSupportedError =>
  new NotSupportedError(
    'not-managed',
    route === 'pre-registered'
      ? 'This client was registered by hand, so it is changed and deleted by whoever registered it. Nothing was sent; take it out of preRegistered to end its use.'
      : 'This client is what its metadata document says, and nobody registered it: change the document, or take it away. Nothing was sent; take it out of metadataDocument to end its use.',
  )

/** What a report may ask for besides a look at the record. */
interface ForReport {
  ensure: () => Promise<RegistrationResponse>
  /** The server's metadata; throws while the server has asked to be left alone. */
  server: Context['session']['discover']
}

/** Milliseconds for which the answer to one report serves the next. */
const betweenReports = 10_000

/**
 * Answers a report that a server refused a client which nobody registered here: with others, where the options or the server have
 * changed meanwhile. There is nothing to give up, and nothing is registered in place of a client that a person has chosen.
 *
 * @throws {StateError} `suspect`: the same client is chosen all the same, or the server could not be asked; says who can help
 */
export async function reportUnregistered(
  context: Context,
  record: RegistrationRecord,
  rejected: Rejected,
  { ensure, server }: ForReport,
): Promise<RegistrationResponse> {
  const { memory } = context
  const help = record.route === 'metadata-document' ? byDocument : byHand
  const refused = (why: string, wait = 0): StateError => {
    const rest = Math.max(wait, betweenReports)
    memory.unable = { client_id: rejected.client_id, count: 1, until: platform.monotonic() + rest, why }
    return suspect(why, rest)
  }
  const known = memory.unable
  if (known?.client_id === rejected.client_id && platform.monotonic() < known.until)
    throw suspect(known.why, known.until - platform.monotonic())
  if (record.offers || chosenRoute(context, record) === 'unknown') {
    // The server may offer another way by now, or this one no longer.
    const unseen = await lookAgain(context, record, server)
    if (unseen) throw refused(`${help} What it offers by now is not known: ${unseen.said}`, unseen.wait)
  }
  const registration = await ensure()
  if (registration.client_id !== rejected.client_id || registration.client_secret !== rejected.client_secret)
    return registration
  throw refused(help)
}

const byDocument =
  'The server says that it fetches client ID metadata documents, and refuses this one. Look whether it can be reached from there, and what checkClientMetadataDocument() says of it.'
const byHand =
  'The server refused the client that was registered by hand. Nothing is registered in its place: ask whoever registered it, and correct preRegistered.'

const suspect = (why: string, retryAfter: number): StateError => new StateError('suspect', why, { retryAfter })

/**
 * Carries out what concerns the routes to a client.
 *
 * @throws {NotSupportedError} `no-registration-endpoint`: there is no route; `not-managed`: `rotate()` or `read()` of a client
 *   that nobody registered here
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
