import type { Finding } from '@registrant/core/checks'
import { preflight } from '@registrant/core/checks'
import {
  checkClientMetadataDocument,
  checkMcpClient,
  chooseRegistration,
  clientMetadataDocument,
  metadataDocumentHandler,
} from '@registrant/core/identity'
import type { ClientMetadataDocument, RegistrationChoice } from '@registrant/core/identity'
import { RegistrationError } from '@registrant/core'
import type { RegistrationRequest } from '@registrant/core'

import { isRequest, readMetadataOf } from './judge.ts'
import { parseObject } from './json.ts'
import { literal } from './literal.ts'
import { profileNamed } from './profiles.ts'
import type { State } from './state.ts'

/** What can be said of a client ID metadata document before it is served. */
export interface DocumentJudgement {
  problems: { document?: string; server?: string }
  findings: readonly Finding[]
  /** The document as it would be served, or why it would not. */
  built: { document: ClientMetadataDocument } | { problem: string }
  /** Which way to a client is open at the server; absent where nothing is known of it. */
  choice?: RegistrationChoice
}

/** Judges the document in the form as `clientMetadataDocument()` does. */
export function judgeDocument(state: State): DocumentJudgement {
  const { url } = state
  const problems: DocumentJudgement['problems'] = {}
  const known = readMetadataOf(state.server)
  if ('problem' in known) problems.server = known.problem
  const parsed = parseObject(state.document)
  if ('problem' in parsed) {
    problems.document = parsed.problem
    return { problems, findings: [], built: nothing }
  }
  const { client_id: _, ...metadata } = parsed.object
  const findings = checkClientMetadataDocument(url, state.document)
  const server = 'server' in known && known.isGiven ? known.server : undefined
  if (isRequest(metadata)) {
    if (server !== undefined) findings.push(...preflight(metadata, server, profileNamed(state.profile)))
    if (state.mcp !== '') findings.push(...checkMcpClient({ metadata, server }))
  }
  const built = isRequest(metadata) ? build(url, metadata) : nothing
  return {
    problems,
    findings,
    built,
    ...(server === undefined || 'problem' in built
      ? {}
      : { choice: chooseRegistration({ server, metadataDocument: url, metadata }) }),
  }
}

const nothing = { problem: 'There is no document while its text can not be read.' }

function build(url: string, metadata: RegistrationRequest): DocumentJudgement['built'] {
  try {
    return { document: clientMetadataDocument(url, metadata) }
  } catch (error) {
    if (error instanceof RegistrationError) return { problem: error.message }
    throw error
  }
}

/** How the document is served (HTTP/1.1). */
export async function asServed(document: ClientMetadataDocument): Promise<string> {
  const answer = await metadataDocumentHandler(document)(new Request(document.client_id))
  const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${answer.status} OK`, ...lines, '', await answer.text()].join('\n')
}

/** The code that serves the document. */
export function documentCode({ client_id, ...metadata }: ClientMetadataDocument): string {
  return [
    `import { clientMetadataDocument, metadataDocumentHandler } from '@registrant/node/identity'`,
    '',
    `const document = clientMetadataDocument(${literal(client_id)}, ${literal(metadata)})`,
    'const handler = metadataDocumentHandler(document)',
    'export default { fetch: handler }',
    '',
  ].join('\n')
}
