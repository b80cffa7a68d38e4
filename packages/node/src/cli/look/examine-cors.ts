import type { AuthorizationServer, ServerProfile } from '@registrant/core'
import { registrationEndpoint } from '@registrant/core/exchange'

import { UsageError } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { printable } from '../show.ts'
import type { Diagnosis } from './doctor.ts'

const patience = 10_000

/**
 * The origin in the value of `--origin`.
 *
 * @throws {UsageError} the value has no origin
 */
export function originIn(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const origin = URL.canParse(given) ? new URL(given).origin : 'null'
  // Schemes that no page has get the origin null from URL.
  if (origin === 'null') throw new UsageError('--origin takes the origin of a page, such as https://app.example.')
  return origin
}

/** Examines whether a page of this origin may read the metadata, and passes the CORS preflight of a registration's POSTs. */
export async function examineCors(
  origin: string,
  server: AuthorizationServer,
  profile: ServerProfile | undefined,
  metadata: string | undefined,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const ask = async (url: string | undefined, init: RequestInit): Promise<Response | undefined> => {
    const limits = AbortSignal.any([signal, AbortSignal.timeout(patience)])
    return url === undefined
      ? undefined
      : fetch(url, { redirect: 'manual', signal: limits, ...init }).catch(() => undefined)
  }
  const asked = [
    ['registration_endpoint', registrationEndpoint(server, profile)],
    ['token_endpoint', server.token_endpoint],
  ] as const
  const found = asked.map(async ([name, url]): Promise<Diagnosis[]> => {
    if (url === undefined) return []
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    }
    return [judged(name, origin, await ask(url, { method: 'OPTIONS', headers }))]
  })
  const read = ask(metadata, { headers: { origin } }).then((answer) => [readable(origin, answer)])
  return (await Promise.all([read, ...found])).flat()
}

const about = 'CORS'

const lets = (origin: string, allowed: string | null): boolean => allowed === '*' || allowed === origin

const others = (allowed: string | null): string => `allows ${allowed === null ? 'no other origin' : printable(allowed)}`

function readable(origin: string, answer: Response | undefined): Diagnosis {
  const allowed = answer?.headers.get('access-control-allow-origin') ?? null
  if (lets(origin, allowed)) return { about, is: 'good', says: `a page of ${origin} can read the metadata` }
  const says = `the address of the metadata ${others(allowed)}. Have it answer GET with "Access-Control-Allow-Origin: ${origin}".`
  return { about, is: 'bad', says, exitCode: exitCodes.refused }
}

/** The headers of our requests that this list does not allow; browsers read `*` in it as every header but `authorization`. */
function lackingIn(allowed: string): string[] {
  const listed = new Set(allowed.split(',').map((header) => header.trim().toLowerCase()))
  return ['authorization', ...(listed.has('*') ? [] : ['content-type'])].filter((header) => !listed.has(header))
}

function judged(name: string, origin: string, answer: Response | undefined): Diagnosis {
  if (answer === undefined)
    return { about, is: 'bad', says: `the ${name} gave no answer to OPTIONS.`, exitCode: exitCodes.later }
  const allowed = answer.headers.get('access-control-allow-origin')
  const lacking = lackingIn(answer.headers.get('access-control-allow-headers') ?? '')
  if (answer.ok && lets(origin, allowed) && lacking.length === 0)
    return { about, is: 'good', says: `the ${name} lets a page of ${origin} ask it` }
  const why = !answer.ok
    ? `answers ${answer.status} to OPTIONS`
    : lacking.length > 0 && allowed !== null
      ? `allows no ${lacking.join(' and ')}`
      : others(allowed)
  const says = `the ${name} ${why}. Have it answer OPTIONS with "Access-Control-Allow-Origin: ${origin}" and "Access-Control-Allow-Headers: authorization, content-type".`
  return { about, is: 'bad', says, exitCode: exitCodes.refused }
}
