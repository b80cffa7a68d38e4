import { registrationRequest } from '@registrant/core/exchange'
import type { HttpRequest } from '@registrant/core/exchange'
import { RegistrationError } from '@registrant/core'

import type { Judgement } from './judge.ts'
import { profileNamed } from './profiles.ts'
import type { State } from './state.ts'

/** What stands in the place of an initial access token. */
export const tokenName = 'INITIAL_ACCESS_TOKEN'

/** The request that registers the client, or why there is none. */
export type Built = { request: HttpRequest } | { problem: string }

/** Builds the request as `register()` sends it. */
export function buildRequest(state: State, { metadata, known }: Judgement): Built {
  if (metadata === undefined) return { problem: 'There is no request while the metadata can not be read.' }
  const accessToken = state.token === '' ? undefined : tokenName
  try {
    return {
      request: registrationRequest(known.server, metadata, { accessToken, profile: profileNamed(state.profile) }),
    }
  } catch (error) {
    if (error instanceof RegistrationError) return { problem: error.message }
    throw error
  }
}

/** A request as it goes over the wire (HTTP/1.1). */
export function asHttp({ method, url, headers, body = '' }: HttpRequest): string {
  const { host, pathname, search } = new URL(url)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${pathname}${search} HTTP/1.1`, `host: ${host}`, ...lines, '', body].join('\n')
}

/** The same for a POSIX shell; the token comes from its environment. */
export function asCurl({ method, url, headers, body }: HttpRequest): string {
  const given = Object.entries(headers).map(([name, value]) =>
    value.endsWith(` ${tokenName}`)
      ? `-H "${name}: ${value.replace(tokenName, `$${tokenName}`)}"`
      : `-H ${quoted(`${name}: ${value}`)}`,
  )
  const data = body === undefined ? [] : [`--data-raw ${quoted(body)}`]
  return [`curl -i -X ${method} ${quoted(url)}`, ...given, ...data].join(' \\\n  ')
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
