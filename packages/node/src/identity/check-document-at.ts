import type { Finding } from '@registrant/core'
import { checkClientIdUrl, checkClientMetadataDocument } from '@registrant/core/identity'

import type { DocumentAtOptions, FetchedDocument } from './fetch-document.ts'
import { fetchDocument } from './fetch-document.ts'

/** What a server would have got at the address, and what is wrong with it. */
export interface CheckedDocument {
  /** What is wrong, with the section of the draft; a `MUST` keeps servers from taking the client. */
  findings: Finding[]
  /** The text that stands there, as far as a server would have read it. */
  document?: string | undefined
}

/**
 * Fetches a client ID metadata document as an authorization server would, and checks it: https alone, no redirect, only public
 * addresses, at most 5 kB. What a server could not take is a finding.
 *
 * @example
 * ```ts
 * import { checkDocumentAt } from '@registrant/node/identity'
 *
 * const { findings } = await checkDocumentAt('https://app.example/client.json')
 * for (const { level, member, message, source } of findings) console.log(level, member, message, source)
 * ```
 * @throws {TransportError} `not-sent` when nothing answers in time, or the certificate is not trusted; `aborted` when the caller leaves
 * @throws {InvalidRequestError} `timeout` is not above 0 and below 24 days
 * @see [OAuth Client ID Metadata Document section 5](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-client-id-metadata-document-02#section-5)
 */
export async function checkDocumentAt(url: string, options?: DocumentAtOptions): Promise<CheckedDocument> {
  const before = checkClientIdUrl(url)
  if (before.some(({ level }) => level === 'MUST')) return { findings: before }
  const fetched = await fetchDocument(url, options)
  const unread = whyUnread(fetched)
  if (unread || 'special' in fetched) return { findings: [...before, ...(unread ? [unread] : [])] }
  const { body, contentType } = fetched
  const media = /^application\/(?:json|[\w.-]+\+json)\s*(?:;|$)/i.test(contentType) ? [] : [notJson(contentType)]
  return { findings: [...media, ...checkClientMetadataDocument(url, body)], document: body }
}

/** Why a server would not even read what it got. */
function whyUnread(fetched: FetchedDocument): Finding | undefined {
  if ('special' in fetched)
    return found(
      'document-public',
      `It is at ${fetched.special}, a special-use address, which no server asks.`,
      '8.6',
      '6.5',
    )
  const { status, isTooLong } = fetched
  if (status >= 300 && status < 400)
    return found('document-redirect', `It answers ${status}, and no server follows a redirect here.`, '5')
  if (status !== 200) return found('document-status', `It answers ${status}; a document comes with 200 alone.`, '5')
  return isTooLong
    ? found('document-size', 'It has more than 5 kB, and servers read no more.', '8.7', '6.6', 'SHOULD')
    : undefined
}

const notJson = (type: string): Finding =>
  found('document-media-type', `Its media type is ${type || 'not said'}: serve application/json.`, '4', '4.1')

const found = (
  rule: string,
  message: string,
  newest: string,
  oldest?: string,
  level: Finding['level'] = 'MUST',
): Finding => ({
  member: 'document',
  rule,
  level,
  message,
  source: `CIMD draft 02 section ${newest}${oldest === undefined ? '' : `, draft 00 section ${oldest}`}`,
})
