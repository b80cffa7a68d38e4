import type { AuthorizationServer } from '@registrant/core'

import { UsageError } from '../command.ts'
import { exitCodes } from '../exit-code.ts'
import { printable } from '../show.ts'
import type { Diagnosis } from './doctor.ts'

const patience = 10_000

/** Whether a page of this origin may register itself: what its browser would ask first is asked here. */
export async function examineCors(
  given: string,
  server: AuthorizationServer,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  if (!URL.canParse(given)) throw new UsageError('--origin takes the origin of a page, such as https://app.example.')
  const { origin } = new URL(given)
  const asked = [
    ['registration_endpoint', server.registration_endpoint, 'POST'],
    ['token_endpoint', server.token_endpoint, 'POST'],
  ] as const
  const found = asked.map(async ([name, url, method]): Promise<Diagnosis[]> => {
    if (url === undefined) return []
    const headers = {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization, content-type',
    }
    const limits = AbortSignal.any([signal, AbortSignal.timeout(patience)])
    const answer = await fetch(url, { method: 'OPTIONS', headers, redirect: 'manual', signal: limits }).catch(
      () => undefined,
    )
    return [judged(name, origin, answer)]
  })
  return (await Promise.all(found)).flat()
}

function judged(name: string, origin: string, answer: Response | undefined): Diagnosis {
  const about = 'CORS'
  if (answer === undefined) return { about, is: 'bad', says: `the ${name} gave no answer to OPTIONS.` }
  const allowed = answer.headers.get('access-control-allow-origin')
  const headers = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase()
  const lacking = ['authorization', 'content-type'].filter((header) => !headers.includes(header))
  if (answer.ok && (allowed === '*' || allowed === origin) && lacking.length === 0)
    return { about, is: 'good', says: `the ${name} lets a page of ${origin} ask it` }
  const why = !answer.ok
    ? `answers ${answer.status} to OPTIONS`
    : lacking.length > 0 && allowed !== null
      ? `allows no ${lacking.join(' and ')}`
      : `allows ${allowed === null ? 'no other origin' : printable(allowed)}`
  const says = `the ${name} ${why}. Have it answer OPTIONS with "Access-Control-Allow-Origin: ${origin}" and "Access-Control-Allow-Headers: authorization, content-type".`
  return { about, is: 'bad', says, exitCode: exitCodes.refused }
}
