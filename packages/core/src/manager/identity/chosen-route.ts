import { refuseOptions } from '../../client/options.ts'
import type {
  PreferredRoute,
  PreRegisteredClient,
  RegistrationChoice,
  ServerOffers,
} from '../../identity/choose-registration.ts'
import { chooseInOrder, preRegisteredAt, usualOrder } from '../../identity/choose-registration.ts'
import type { AuthorizationServer } from '../../model/authorization-server.ts'
import type { RegistrationResponse } from '../../model/registration.ts'
import { registrationEndpoint } from '../../exchange/addresses.ts'
import { normalize } from '../../exchange/normalize.ts'
import type { Context } from '../context.ts'
import { registeredHere } from '../record/clients.ts'
import { binds } from '../record/mark.ts'
import type { RegistrationRecord, UnregisteredRoute } from '../record/record.ts'

/**
 * Which client this program is, by its options and by what is known of the server; `undefined` where the server's metadata have
 * to be looked at first. The preferred route comes first, then the one in use, then the usual order. A client that was registered
 * here and is named as registered by hand is left to whoever has named it: whoever prefers one that registers has it, too.
 */
function choiceFor(context: Context, record: RegistrationRecord | undefined): RegistrationChoice | undefined {
  const { options, declared, identity } = context
  const { preRegistered, metadataDocument, prefer, keys } = options
  const named = preRegisteredHere(context)
  const hasOther = metadataDocument !== undefined || named !== undefined
  refuseOptions(keys && hasOther ? [['keys', noKeys]] : [])
  const isRegistered = record?.registration !== undefined && record.route === undefined
  const isNamed = named !== undefined && record && registeredHere(record)?.client_id === named.client_id
  const inUse = isNamed ? 'pre-registered' : isRegistered ? 'dynamic' : record?.route
  const order = [isNamed && prefer === 'dynamic' ? inUse : prefer, inUse, ...usualOrder].filter(
    (route): route is PreferredRoute => route !== undefined,
  )
  const [issuer] = identity
  return chooseInOrder(order, {
    preRegistered,
    metadataDocument,
    issuer,
    metadata: declared.metadata,
    // Where there is no other route, a registration finds out whether it is one.
    isRegistered: isRegistered || !hasOther,
    offers: offersOf(context, record),
  })
}

const noKeys =
  'Not with a client that is not registered: the keys of preRegistered and of metadataDocument are those of the application'

/** What the server is known to offer. */
function offersOf(context: Context, record: RegistrationRecord | undefined): ServerOffers | undefined {
  const { options, clock } = context
  if (options.server) return offeredBy(context, options.server)
  const { offers } = record ?? {}
  if (!offers || !binds(offers, clock.now())) return undefined
  return {
    client_id_metadata_document_supported: offers.documents === true,
    registration_endpoint: offers.registers && 'known',
  }
}

/** What a server offers by its metadata, and by its profile. */
export const offeredBy = ({ options: { profile } }: Context, server: AuthorizationServer): ServerOffers => ({
  client_id_metadata_document_supported: server['client_id_metadata_document_supported'],
  registration_endpoint: registrationEndpoint(server, profile),
})

/** The client that was registered by hand at this issuer. */
const preRegisteredHere = ({ identity: [issuer], options }: Context): PreRegisteredClient | undefined =>
  preRegisteredAt(issuer, options.preRegistered)

/** The registration that is returned for a client that nobody registered here. */
export const clientOf = (context: Context, route: UnregisteredRoute): RegistrationResponse =>
  route === 'pre-registered' ? clientByHand(context) : clientByDocument(context)

function clientByHand(context: Context): RegistrationResponse {
  const { client_id = '', client_secret, token_endpoint_auth_method: said } = preRegisteredHere(context) ?? {}
  const { keepSecret = true } = context.options
  refuseOptions(client_secret !== undefined && !keepSecret ? [['preRegistered', noSecret]] : [])
  const token_endpoint_auth_method = said ?? (client_secret === undefined ? 'none' : 'client_secret_basic')
  return { client_id, ...(client_secret !== undefined && { client_secret }), token_endpoint_auth_method }
}

const noSecret = 'Secrets are not kept here; give a client without one'

/** The metadata are those that are declared, as an answer would have them. */
function clientByDocument({ options, declared }: Context): RegistrationResponse {
  const { metadataDocument: client_id = '' } = options
  const { object } = normalize({ token_endpoint_auth_method: 'none', ...declared.metadata, client_id })
  return { ...object, client_id }
}

/** The route of a client that was given to `recover()`, where the options name that client. */
export function routeOf(context: Context, clientId: string): UnregisteredRoute | undefined {
  if (preRegisteredHere(context)?.client_id === clientId) return 'pre-registered'
  return context.options.metadataDocument === clientId ? 'metadata-document' : undefined
}

/** Why there is no client, for a person. */
export const reasonFor = (context: Context, record: RegistrationRecord | undefined): string =>
  choiceFor(context, record)?.reason ?? ''

/** Tells which client the application is, where that is known by now. */
export function tellChoice(context: Context, record: RegistrationRecord): void {
  const choice = choiceFor(context, record)
  if (choice) context.tell({ type: 'chosen', ...choice })
}

/** The route that is chosen. Warns once where the client of `preRegistered` belongs to another issuer. */
export function chosenRoute(
  context: Context,
  record: RegistrationRecord | undefined,
): RegistrationChoice['route'] | 'unknown' {
  const { options, tell } = context
  if (options.preRegistered && preRegisteredHere(context) === undefined && !warned.has(options)) {
    warned.add(options)
    tell({ type: 'warning', rule: 'pre-registered-elsewhere', message: elsewhere })
  }
  return choiceFor(context, record)?.route ?? 'unknown'
}

/** The options of the managers that have warned. */
const warned = new WeakSet<object>()

const elsewhere =
  'The client that was registered by hand belongs to another issuer, so it is not used here. An issuer is compared as an exact string: if it is meant for this one, spell it as this one does.'
