import { base64url } from '../model/values.ts'
import type { Awaitable } from '../model/values.ts'
import { platform } from '../platform.ts'
import type { ClientMetadataDocument } from './document.ts'
import { requireServable } from './document.ts'

/** How a document is served. */
export interface DocumentHandlerOptions {
  /** Seconds for which a server may keep the document (`Cache-Control`). Default: 3 600. */
  maxAge?: number | undefined
}

/** Answers one request: what Hono, Next, workers, Deno and Bun call a handler. */
export type FetchHandler = (request: Request) => Promise<Response>

/**
 * Serves a client ID metadata document: 200 with the media type, how long it may be kept, and an `ETag`; 304 to whoever has
 * it; `HEAD`; 405 to every other method. Which path it answers is the router's to say.
 *
 * A document with `@context` is `application/ld+json` for whoever asks for that (Solid), and `application/json` for all others.
 *
 * @param document what is served, or a function that gives it at each request, as where keys in it change
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
 * @throws {InvalidRequestError} the document breaks a MUST of the draft, or has more than 5 kB: at once, or, where a function
 *   gives it, from each request
 * @see [OAuth Client ID Metadata Document section 5](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-02#section-5)
 */
export function metadataDocumentHandler(
  document: ClientMetadataDocument | (() => Awaitable<ClientMetadataDocument>),
  { maxAge = 3600 }: DocumentHandlerOptions = {},
): FetchHandler {
  const current = typeof document === 'function' ? document : (): ClientMetadataDocument => document
  if (typeof document !== 'function') requireServable(document)
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

/** Whether somebody who asks has the document already (RFC 9110 section 13.1.2). */
const isKnown = (asked: string | null, tag: string): boolean =>
  asked?.split(',').some((it) => it.trim() === '*' || it.trim().replace(/^W\//, '') === tag) === true
