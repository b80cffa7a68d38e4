import { InvalidRequestError } from '../errors.ts'
import type { Finding } from '../model/http.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import { checkClientMetadataDocument } from './check-document.ts'

/** What a client says of itself in a document of its own: the metadata that it would register, and what JSON-LD needs. */
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
 * The address stands in it as it was given. `token_endpoint_auth_method` is `none` where nothing else is said, since what
 * RFC 7591 takes for unsaid needs a secret. Members that are `undefined`, `null` or `''` are left out; nothing else is added.
 *
 * @param url where the document will be served: https, with a path, and the same for ever
 * @param metadata what the client would register. `jwks` or `jwks_uri` for `private_key_jwt`; at AT Protocol a `scope` with
 *   everything that the client will ever ask for
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

/** Refuses a document that servers would not take, or not read to its end. */
export function requireServable(document: { client_id: string }, url: string = document.client_id): void {
  const broken = checkClientMetadataDocument(url, document).filter(isRefused)
  if (broken.length > 0) throw new InvalidRequestError(broken)
}

const isRefused = ({ level, rule }: Finding): boolean => level === 'MUST' || rule === 'document-size'
