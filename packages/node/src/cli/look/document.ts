import { InvalidRequestError } from '@registrant/core'
import type { Finding } from '@registrant/core'
import type { DocumentMetadata } from '@registrant/core/identity'

import { objectIn } from '../ask.ts'
import { UsageError } from '../command.ts'
import type { Call, Command, Result } from '../command.ts'
import { configuredFor } from '../configured.ts'
import { exitCodes } from '../exit-code.ts'
import { asJson, printable } from '../show.ts'
import { lineOf } from './check.ts'
import { loadDocumentCheck, loadIdentity } from './load.ts'

/** The actions by name, each with the option that no other action takes. */
const actions: Readonly<Record<string, { run(call: Call, url: string): Promise<Result>; option: string }>> = {
  build: { run: build, option: 'metadata' },
  check: { run: examine, option: 'loopback' },
}

export const document: Command = {
  name: 'document',
  usage: 'build|check URL [--metadata FILE]',
  summary: 'build a client ID metadata document, or check one where it is served',
  help: `A client ID metadata document describes a client at an address of its own, which is its client_id: nothing is registered.

build prints the document for URL, made of the metadata in FILE (JSON; - for standard input) or of the configured ones:
serve it there as application/json. Findings go to standard error, and a document that servers would not take is not made.
check fetches URL as a server would: https, no redirect, public addresses alone, 10 seconds, 5 kB.

MUST keeps servers from taking the client; SHOULD is worth knowing.`,
  options: {
    metadata: {
      type: 'string',
      value: 'FILE',
      means: 'build: what the client says of itself (default: as configured)',
    },
    loopback: { type: 'boolean', means: 'check: ask this machine too, as a server in development does' },
  },
  operands: [2, 2],
  words: Object.keys(actions),
  run(call) {
    const [name = '', url = ''] = call.operands
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (action === undefined)
      throw new UsageError('A document is built or checked. Write registrant document build URL, or check URL.')
    for (const { option } of Object.values(actions))
      if (option !== action.option && (call.flag(option) || call.text(option) !== undefined))
        throw new UsageError(`--${option} does not go with document ${name}. Leave it out.`)
    return action.run(call, url)
  },
}

async function build(call: Call, url: string): Promise<Result> {
  const metadata: DocumentMetadata = {}
  Object.assign(metadata, await metadataFor(call))
  const { checkClientMetadataDocument, clientMetadataDocument } = await loadIdentity()
  try {
    const built = clientMetadataDocument(url, metadata)
    const findings = checkClientMetadataDocument(url, built)
    for (const finding of findings) call.note(lineOf(finding))
    return { lines: [asJson(built)], json: { document: built, findings } }
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error
    const { findings } = error
    for (const finding of findings) call.note(lineOf(finding))
    call.note('✗ no document was made. Change what is told above, and build it again.')
    return { lines: [], json: { findings }, exitCode: exitCodes.policy }
  }
}

/** The client's metadata: from the file of `--metadata`, or else from the configuration. */
async function metadataFor(call: Call): Promise<object> {
  const path = call.text('metadata')
  if (path !== undefined) return objectIn(path, call.signal)
  const { metadata = {} } = await configuredFor(call, ['metadata'])
  return metadata
}

async function examine(call: Call, url: string): Promise<Result> {
  const { checkDocumentAt } = await loadDocumentCheck()
  const { findings, document: text } = await checkDocumentAt(url, {
    allowLoopback: call.flag('loopback'),
    signal: call.signal,
  })
  const sorted = findings.toSorted((one, other) => weight(one) - weight(other))
  const isRefused = text === undefined || sorted.some(({ level }) => level === 'MUST')
  const verdict = isRefused ? '✗ no server has to take' : '✓ servers can take'
  return {
    lines: [...sorted.map(lineOf), `${verdict} the document at ${printable(withoutLogin(url))}`],
    json: { findings: sorted, document: text },
    exitCode: isRefused ? exitCodes.policy : exitCodes.done,
  }
}

/** The address without user name and password. */
const withoutLogin = (url: string): string => url.replace(/\/\/[^/?#]*@/, '//')

const weight = ({ level }: Finding): number => (level === 'MUST' ? 0 : 1)
