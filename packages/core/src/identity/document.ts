import { isAtLeast, refuseOptions } from '../client/options.ts'
import { InvalidRequestError } from '../errors.ts'
import type { Finding } from '../model/http.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { base64url } from '../model/values.ts'
import type { Awaitable } from '../model/values.ts'
import { platform } from '../platform.ts'
import { checkClientMetadataDocument } from './check-document.ts'

/** The content of a client's own metadata document: the metadata that it would register, and what JSON-LD needs. */
export interface DocumentMetadata extends RegistrationRequest {
  /** What makes it JSON-LD. Default: none. Solid: `['https://www.w3.org/ns/solid/oidc-context.jsonld']` (Solid-OIDC section 5.1). */
  '@context'?: string | readonly (string | object)[] | object | undefined
}

/** A client ID metadata document: everything in it is public. */
export interface ClientMetadataDocument extends DocumentMetadata {
  /** The address of the document, character for character. */
  client_id: string
}

/**
 * Makes the document that describes a client at an address of its own, which is then its `client_id` at every server that
 * fetches such documents: nothing is registered anywhere.
 *
 * The document names the address as it was given. `token_endpoint_auth_method` is `none` unless it is given, since the default
 * of RFC 7591 needs a secret. Members that are `undefined`, `null` or `''` are left out; nothing else is added.
 *
 * @param url where the document will be served: https, with a path, and the same for ever
 * @param metadata what the client would register; with `jwks` or `jwks_uri` for `private_key_jwt`, and for AT Protocol with a
 *   `scope` that holds everything that the client will ever ask for
 * @example
 * ```ts
 * import { clientMetadataDocument } from '@registrant/core/identity'
 *
 * const document = clientMetadataDocument('https://app.example/client.json', {
 *   client_name: 'Orders',
 *   redirect_uris: ['https://app.example/callback'],
 *   grant_types: ['authorization_code', 'refresh_token'],
 *   response_types: ['code'],
 * })
 * ```
 * @throws {InvalidRequestError} it breaks a MUST of the draft or of the metadata, or has more than 5 kB; `findings` lists all
 * @see [OAuth Client ID Metadata Document section 4](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-02#section-4)
 */
export function clientMetadataDocument<Extra extends object = {}>(
  url: string,
  metadata: DocumentMetadata & NoInfer<Extra>,
): ClientMetadataDocument & NoInfer<Extra> {
  const document = { client_id: url, ...metadata }
  for (const [member, value] of Object.entries(document))
    if (value === undefined || value === null || value === '') Reflect.deleteProperty(document, member)
  document.token_endpoint_auth_method ??= 'none'
  requireServable(document, url)
  return document
}

/** Throws where servers would not take a document, or not read it to its end. */
function requireServable(document: { client_id: string }, url: string = Object(document).client_id): void {
  const broken = checkClientMetadataDocument(url, document).filter(isRefused)
  if (broken.length > 0) throw new InvalidRequestError(broken, { head: 'No server would take the document' })
}

const isRefused = ({ level, rule }: Finding): boolean => level === 'MUST' || rule === 'document-size'

/** How a document is served. */
export interface DocumentHandlerOptions {
  /** Seconds for which a server may keep the document (`Cache-Control`). Default: 3 600. */
  maxAge?: number | undefined
}

/** Answers one request: the handler of Hono, Next, workers, Deno and Bun. */
export type FetchHandler = (request: Request) => Promise<Response>

/**
 * Makes a handler that serves a client ID metadata document: 200 with the media type, `Cache-Control` and an `ETag`; 304 to a
 * server that has the document already; `HEAD`; 405 to every other method. The router decides which path it answers.
 *
 * A document with `@context` is `application/ld+json` for requests that accept that (Solid), and `application/json` for others.
 *
 * @param document the document, or a function that returns it for each request, such as where its keys change
 * @example
 * ```ts
 * import { clientMetadataDocument, metadataDocumentHandler } from '@registrant/core/identity'
 *
 * const document = clientMetadataDocument('https://app.example/client.json', {
 *   client_name: 'Orders',
 *   redirect_uris: ['https://app.example/callback'],
 * })
 * const handler = metadataDocumentHandler(document) // (request: Request) => Promise<Response>
 * ```
 * @throws {InvalidRequestError} `maxAge` is no number of seconds; or the document breaks a MUST of the draft, or has more than
 *   5 kB: at once, or at each request where a function gives the document
 * @see [OAuth Client ID Metadata Document section 5](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-02#section-5)
 */
export function metadataDocumentHandler(
  document: ClientMetadataDocument | (() => Awaitable<ClientMetadataDocument>),
  options?: DocumentHandlerOptions,
): FetchHandler {
  const { maxAge = 3600 }: DocumentHandlerOptions = Object(options)
  const current = typeof document === 'function' ? document : (): ClientMetadataDocument => document
  if (typeof document !== 'function') requireServable(document)
  refuseOptions(isAtLeast(0)(maxAge) ? [] : [['maxAge', 'It must be a number of seconds, not negative']])
  return async (request) => {
    const { method, headers: asked } = request
    if (method !== 'GET' && method !== 'HEAD')
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
    const served = await current()
    requireServable(served)
    const body = JSON.stringify(served)
    const tag = `"${base64url(await platform.sha256(body))}"`
    const isLinkedData = served['@context'] !== undefined
    const headers = new Headers({ etag: tag, 'cache-control': `public, max-age=${maxAge}` })
    if (isLinkedData) headers.set('vary', 'accept')
    if (isKnown(asked.get('if-none-match'), tag)) return new Response(null, { status: 304, headers })
    const wantsLinkedData = isLinkedData && /\bapplication\/ld\+json\b/i.test(asked.get('accept') ?? '')
    headers.set('content-type', wantsLinkedData ? 'application/ld+json' : 'application/json')
    headers.set('content-length', `${new TextEncoder().encode(body).byteLength}`)
    headers.set('x-content-type-options', 'nosniff')
    return new Response(method === 'HEAD' ? null : body, { headers })
  }
}

/** Whether the sender of a request has the document already (RFC 9110 section 13.1.2). */
const isKnown = (asked: string | null, tag: string): boolean =>
  asked?.split(',').some((it) => it.trim() === '*' || it.trim().replace(/^W\//, '') === tag) === true
