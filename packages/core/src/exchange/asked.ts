import type { RegistrationRequest } from '../model/registration.ts'
import { isObject, parseJson } from './json.ts'

/**
 * What was asked for, with the claims of the software statement that was sent: they count more than the members beside
 * it (RFC 7591 section 2.3). The statement is the caller's own, so its signature is not our business.
 */
export function asked(sent: RegistrationRequest | undefined): RegistrationRequest | undefined {
  const claims = sent?.software_statement === undefined ? undefined : partOf(sent.software_statement, 1)
  if (claims === undefined) return sent
  const { redirect_uris: uris, token_endpoint_auth_method: method } = claims
  const stated = Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : []
  return {
    ...sent,
    redirect_uris: [...(sent?.redirect_uris ?? []), ...stated],
    ...(typeof method === 'string' ? { token_endpoint_auth_method: method } : {}),
  }
}

/** The header (0) or the claims (1) of a JWT; `undefined` where that can't be read. */
export function partOf(jwt: string, index: 0 | 1): Record<string, unknown> | undefined {
  try {
    const text = (jwt.split('.')[index] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
    const part = parseJson(new TextDecoder().decode(bytes))
    return isObject(part) ? part : undefined
  } catch {
    return undefined
  }
}
