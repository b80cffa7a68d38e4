import { checkRequest, preflight } from '@registrant/core/checks'
import type { Finding } from '@registrant/core/checks'
import { behindMutualTls, readServer } from '@registrant/core/exchange'
import type { Deviation } from '@registrant/core/exchange'
import { checkMcpClient } from '@registrant/core/identity'
import type { AuthorizationServer, RegistrationRequest } from '@registrant/core'

import { isObject, parseObject } from './json.ts'
import { profileNamed } from './profiles.ts'
import type { State } from './state.ts'

/** What is known of the server, and whether that was said. */
export interface KnownServer {
  server: AuthorizationServer
  /** Whether anybody said it: else it is a server that stands for any. */
  isGiven: boolean
  /** What of it deviates from the specification. */
  deviations: readonly Deviation[]
}

/** What can be said of a request before it is sent. */
export interface Judgement {
  /** What is asked for, where it can be read. */
  metadata?: RegistrationRequest
  known: KnownServer
  /** What can't be read, by the text that it stands in. */
  problems: { metadata?: string; server?: string }
  findings: readonly Finding[]
  /** Whether the SDK refuses to send it. */
  isRefused: boolean
}

/** A server that stands for any, where nothing is known of it. */
const anyServer: AuthorizationServer = {
  issuer: 'https://as.example',
  registration_endpoint: 'https://as.example/register',
}

/** Judges what stands in the form, as `register()` does before it sends. */
export function judge(state: State): Judgement {
  const problems: Judgement['problems'] = {}
  const known = readMetadataOf(state.server)
  if ('problem' in known) problems.server = known.problem
  const found: KnownServer = 'problem' in known ? { server: anyServer, isGiven: false, deviations: [] } : known
  const parsed = parseObject(state.metadata)
  if ('problem' in parsed) problems.metadata = parsed.problem
  const metadata = 'object' in parsed && isRequest(parsed.object) ? parsed.object : undefined
  if (metadata === undefined) return { known: found, problems, findings: [], isRefused: true }
  const profile = profileNamed(state.profile)
  const server = found.isGiven ? found.server : undefined
  const findings = [
    ...checkRequest(metadata, profile),
    ...(server === undefined ? [] : preflight(metadata, server, profile)),
    ...(state.mcp === '' || !hasTexts(metadata) ? [] : checkMcpClient({ metadata, server })),
  ]
  const isRefused = findings.some(({ level, source }) => level === 'MUST' && !source.startsWith('MCP'))
  const asked = metadata.use_mtls_endpoint_aliases === true ? behindMutualTls(found.server) : found.server
  return { metadata, known: { ...found, server: asked }, problems, findings, isRefused }
}

/** Reads a server's metadata as a client does that has discovered them. */
export function readMetadataOf(text: string): KnownServer | { problem: string } {
  if (text.trim() === '') return { server: anyServer, isGiven: false, deviations: [] }
  const parsed = parseObject(text)
  if ('problem' in parsed) return parsed
  const { issuer } = parsed.object
  if (typeof issuer !== 'string' || issuer === '') return { problem: 'It must name its issuer.' }
  const request = { method: 'GET', url: issuer, headers: {} }
  const reading = readServer({ status: 200, headers: new Headers(), body: text }, { request, issuer })
  if (reading === undefined) return { problem: 'It is no metadata of a server.' }
  return { server: reading.value, isGiven: true, deviations: reading.deviations }
}

/** The rules take whatever somebody wrote, and say what of it has another type than it must. */
export const isRequest = (value: object): value is RegistrationRequest => isObject(value)

/** The rules of MCP look at lists whose type the others have judged. */
const hasTexts = ({ redirect_uris = [], grant_types = [] }: RegistrationRequest): boolean =>
  [redirect_uris, grant_types].every((list) => Array.isArray(list) && list.every((it) => typeof it === 'string'))
