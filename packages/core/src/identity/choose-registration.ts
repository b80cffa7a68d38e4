import { InvalidRequestError } from '../errors.ts'
import { registrationEndpoint } from '../exchange/addresses.ts'
import type { RequestInput } from '../model/registration.ts'
import { namesItself } from '../model/values.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import { checkClientIdUrl } from './client-id-url.ts'

/** A client that was registered at one server by hand. It is never used at another server. */
export interface PreRegisteredClient {
  /** The issuer of the server that knows the client, exactly as the server spells it. */
  issuer: string
  /** The client's identifier at that server. */
  client_id: string
  /** The client's secret, where it has one. */
  client_secret?: string | undefined
  /** How the client authenticates. Default: `client_secret_basic` where it has a secret, else `none`. */
  token_endpoint_auth_method?: string | undefined
}

/** The ways to get a `client_id` that need no person. */
export type PreferredRoute = 'pre-registered' | 'metadata-document' | 'dynamic'

/**
 * The way to get a `client_id`. `pre-registered`: the client that was registered by hand. `metadata-document`: the address of
 * the client's own document. `dynamic`: the client registers. `ask`: a person has to register a client by hand, since no other
 * way is open.
 */
export type RegistrationRoute = PreferredRoute | 'ask'

/**
 * The clients that an application can be at a server without registering. A manager with these options uses such a client where
 * it can: for one that was registered by hand it asks the server nothing, for a document it asks only for the server's metadata.
 * A client that is in use stays in use, unless `prefer` says otherwise or the server no longer takes it.
 */
export interface ClientIdentities {
  /** Clients that were registered by hand, each bound to its issuer. Default: none. */
  preRegistered?: PreRegisteredClient | readonly PreRegisteredClient[] | undefined
  /**
   * The address of the client's own metadata document, which is then its `client_id`; see `clientMetadataDocument()`. Default:
   * none.
   */
  metadataDocument?: string | undefined
  /** The way to take where the server offers it. Default: `pre-registered`, then `metadata-document`, then `dynamic`. */
  prefer?: PreferredRoute | undefined
}

/** The members of a server's metadata that decide which ways are open. */
export interface ServerOffers {
  /** Where clients register; absent where none can. */
  registration_endpoint?: string | undefined
  /** Whether the server fetches client ID metadata documents. */
  client_id_metadata_document_supported?: unknown
}

/** The way that was chosen, and why. */
export interface RegistrationChoice {
  route: RegistrationRoute
  /** Why this way, and why none of those before it: sentences for a person. */
  reason: string
  /** The client's identifier, where it has one without registering. */
  client_id?: string | undefined
}

/**
 * Chooses which client an application is at a server: the one that was registered by hand, the one that its own document
 * describes, or one that it registers. The order is that of the Model Context Protocol, unless `prefer` says otherwise; a way
 * that the server does not offer is skipped. Pure: nothing is sent.
 *
 * @example
 * ```ts
 * import { chooseRegistration } from '@registrant/core/identity'
 *
 * const { route, client_id } = chooseRegistration({
 *   server: { issuer: 'https://as.example', client_id_metadata_document_supported: true },
 *   metadataDocument: 'https://app.example/client.json',
 *   metadata: { redirect_uris: ['https://app.example/callback'] },
 * }) // 'metadata-document', 'https://app.example/client.json'
 * ```
 * @throws {InvalidRequestError} `metadataDocument` can be no client's identifier, `preRegistered` names no client, or `prefer` is no way
 * @see [MCP client registration](https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/client-registration)
 */
export function chooseRegistration({
  server,
  profile,
  prefer,
  ...identities
}: ClientIdentities & {
  server: ServerOffers & { issuer: string }
  /** The profile of the server: it may know the registration endpoint where the metadata name none. Default: none. */
  profile?: ServerProfile | undefined
  /** The metadata that the client would register: a declared method that needs a secret rules out a document. */
  metadata?: RequestInput | undefined
}): RegistrationChoice {
  if (!listOf(identities.preRegistered).every(namesItself))
    throw unfit('preRegistered', 'Each has an issuer and a client_id, and nothing that is empty')
  const order = prefer === undefined ? usualOrder : [prefer, ...usualOrder]
  const offers = { ...server, registration_endpoint: registrationEndpoint(server, profile) }
  return chooseInOrder(order, { ...identities, issuer: server.issuer, offers }) ?? nobody([])
}

/** What is known when a way is chosen. */
interface Circumstances extends Omit<ClientIdentities, 'prefer'> {
  issuer: string
  metadata?: RequestInput | undefined
  /** Absent where the server's metadata are not known. */
  offers: ServerOffers | undefined
  /** Whether a client is registered already, so that the server need not offer registration. */
  isRegistered?: boolean | undefined
}

export const usualOrder: readonly PreferredRoute[] = ['pre-registered', 'metadata-document', 'dynamic']

/** The first way that is open; `undefined` where that depends on the server's metadata, and they are not known. */
export function chooseInOrder(order: Iterable<PreferredRoute>, known: Circumstances): RegistrationChoice | undefined {
  const closed: string[] = []
  for (const route of new Set(order)) {
    if (!usualOrder.includes(route)) throw unfit('prefer', `Give one of ${usualOrder.join(', ')}`)
    const way = ways[route](known)
    if (way === undefined) return undefined
    if (way.isOpen) return { route, reason: sentences([...closed, way.why]), client_id: way.client_id }
    closed.push(way.why)
  }
  return nobody(closed)
}

const unfit = (member: string, message: string): InvalidRequestError =>
  new InvalidRequestError([{ member, rule: 'option', level: 'MUST', source: 'options', message }])

const nobody = (closed: readonly string[]): RegistrationChoice => ({
  route: 'ask',
  reason: sentences([...closed, 'Somebody has to register a client by hand: give it as preRegistered']),
})

const sentences = (texts: readonly string[]): string => texts.map((text) => `${text}.`).join(' ')

/** A way, open or closed, and why. */
type Way = { isOpen: true; why: string; client_id?: string } | { isOpen: false; why: string }

const ways: Readonly<Record<PreferredRoute, (known: Circumstances) => Way | undefined>> = {
  'pre-registered'({ preRegistered, issuer }) {
    const own = preRegisteredAt(issuer, preRegistered)
    if (own) return { isOpen: true, why: 'A client was registered by hand at this issuer', client_id: own.client_id }
    const isElsewhere = listOf(preRegistered).length > 0
    const why = isElsewhere
      ? 'The client that was registered by hand belongs to another issuer'
      : 'No client was registered by hand'
    return { isOpen: false, why }
  },
  'metadata-document'({ metadataDocument, metadata, offers }) {
    if (metadataDocument === undefined) return { isOpen: false, why: 'The client has no metadata document' }
    const broken = checkClientIdUrl(metadataDocument).filter(({ level }) => level === 'MUST')
    if (broken.length > 0) throw new InvalidRequestError(broken.map((it) => ({ ...it, member: 'metadataDocument' })))
    const { token_endpoint_auth_method: method = '' } = metadata ?? {}
    if (method.startsWith('client_secret_'))
      return { isOpen: false, why: `The declared method ${method} needs a secret, which a document can not have` }
    if (offers === undefined) return undefined
    if (offers.client_id_metadata_document_supported !== true)
      return { isOpen: false, why: 'The server does not say that it fetches client ID metadata documents' }
    return { isOpen: true, why: 'The server fetches client ID metadata documents', client_id: metadataDocument }
  },
  dynamic({ offers, isRegistered }) {
    if (isRegistered) return { isOpen: true, why: 'A client is registered' }
    if (offers === undefined) return undefined
    return offers.registration_endpoint === undefined
      ? { isOpen: false, why: 'The server names no registration endpoint' }
      : { isOpen: true, why: 'Clients register at this server' }
  },
}

/** The client that was registered by hand at an issuer, compared as an exact string. */
export const preRegisteredAt = (
  issuer: string,
  preRegistered: ClientIdentities['preRegistered'],
): PreRegisteredClient | undefined => listOf(preRegistered).find((it) => it.issuer === issuer)

const listOf = (preRegistered: ClientIdentities['preRegistered']): readonly PreRegisteredClient[] =>
  [preRegistered ?? []].flat()
