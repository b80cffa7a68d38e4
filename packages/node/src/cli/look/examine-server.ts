import { RegistrationClient } from '@registrant/core'
import type { AuthorizationServer, ServerProfile } from '@registrant/core'
import { checkRequest, preflight } from '@registrant/core/checks'
import { registrationEndpoint } from '@registrant/core/exchange'

import type { Configured } from '../../environment/configuration.ts'
import { declaredBy } from '../declared.ts'
import { exitCodes } from '../exit-code.ts'
import { duration, instant, printable } from '../show.ts'
import { lineOf } from './check.ts'
import { examineCors } from './examine-cors.ts'
import type { Diagnosis } from './doctor.ts'
import { loadCertificate } from './load.ts'

/** Seconds by which a clock may be off before assertions and proofs are refused. */
const tolerated = 30
const soon = 14 * 86_400_000

/** Whether the server can be asked, and offers what is needed. */
export async function examineServer(
  configured: Configured,
  profile: ServerProfile | undefined,
  origin: string | undefined,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const { issuer = '', allowHttp } = configured.members
  const clock = new ServerClock()
  const client = new RegistrationClient({ issuer, allowHttp, profile, fetch: clock.fetch })
  const server = await client.discover({ signal })
  const registers = registrationEndpoint(server, profile)
  return [
    { about: 'server', is: 'good', says: `${printable(server.issuer)} tells what it supports` },
    endpoint(registers),
    ...(await certificate(issuer)),
    ...clock.diagnosis(),
    ...(await fit(configured, server, profile)),
    ...(origin === undefined ? [] : await examineCors(origin, server, profile, clock.place, signal)),
  ]
}

function endpoint(registers: string | undefined): Diagnosis {
  if (registers !== undefined)
    return { about: 'registration', is: 'good', says: `clients are registered at ${printable(registers)}` }
  const says = 'the server names no registration_endpoint. Ask its operator to switch registration on.'
  return { about: 'registration', is: 'bad', says, exitCode: exitCodes.refused }
}

async function certificate(issuer: string): Promise<Diagnosis[]> {
  if (!issuer.startsWith('https:')) return []
  const { certificateEnd } = await loadCertificate()
  const end = await certificateEnd(new URL(issuer))
  if (end === undefined) return []
  const is = end - Date.now() < soon ? 'doubtful' : 'good'
  return [{ about: 'certificate', is, says: `ends ${instant(end)}` }]
}

/** Takes from the answers the server's time, and the address that the metadata came from. */
class ServerClock {
  #offset: number | undefined
  /** The address of the metadata. */
  place: string | undefined

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const sent = Date.now()
    const answer = await globalThis.fetch(input, init)
    if (answer.ok) this.place = answer.url
    const date = Date.parse(answer.headers.get('date') ?? '')
    // The answer left halfway between request and arrival. Its date is cut to whole seconds, so half of one is added.
    if (!Number.isNaN(date) && !answer.headers.has('age')) this.#offset = date + 500 - (sent + Date.now()) / 2
    return answer
  }

  diagnosis(): Diagnosis[] {
    if (this.#offset === undefined) return []
    const off = Math.abs(this.#offset)
    if (off < tolerated * 1000) return [{ about: 'clock', is: 'good', says: 'this machine and the server agree' }]
    const says = `the server is ${duration(off)} ${this.#offset > 0 ? 'ahead' : 'behind'}. Set the clock that is wrong: assertions and proofs are refused by it.`
    return [{ about: 'clock', is: 'bad', says, exitCode: exitCodes.refused }]
  }
}

async function fit(
  configured: Configured,
  server: AuthorizationServer,
  profile: ServerProfile | undefined,
): Promise<Diagnosis[]> {
  if (configured.metadata === undefined) return []
  const metadata = await declaredBy(configured)
  const findings = [...checkRequest(metadata, profile), ...preflight(metadata, server, profile)]
  const wrong = findings.map((it): Diagnosis => {
    const is = it.level === 'MUST' ? 'bad' : 'doubtful'
    return { about: 'metadata', is, says: lineOf(it).slice(2), exitCode: exitCodes.policy }
  })
  return wrong.length > 0
    ? wrong
    : [{ about: 'metadata', is: 'good', says: 'break no rule, and fit what the server supports' }]
}
