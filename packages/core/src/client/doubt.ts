import { isSecure } from '../exchange/addresses.ts'
import { isObject } from '../exchange/json.ts'
import { holdsSecret } from '../model/jwk.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import type * as judge from './preflight.ts'
import { late } from '../load.ts'
import type { Line } from './context.ts'

/**
 * The checks of a request; `undefined` where they can be spared: the request is so plain that it breaks no rule, and
 * nobody wants to hear what else is worth knowing about it.
 */
export async function checksFor(line: Line, metadata: RegistrationRequest): Promise<typeof judge | undefined> {
  const { profile, preflight } = line.options
  const spared = !line.isHeard && profile === undefined && preflight !== 'strict' && isPlain(metadata)
  return spared ? undefined : late(import('./preflight.ts'))
}

/** Whether a request has nothing but what an everyday page declares, in a form that no rule refuses. */
function isPlain(metadata: RegistrationRequest): boolean {
  const declared = Object.entries(metadata).filter(([, value]) => value !== undefined)
  const { redirect_uris, token_endpoint_auth_method: method, jwks } = metadata
  return (
    redirect_uris !== undefined &&
    (method === 'private_key_jwt') === (jwks !== undefined) &&
    declared.every(([member, value]) => plain.some(([members, is]) => members.test(member) && is(value)))
  )
}

type Is = (value: unknown) => boolean

const text =
  (pattern: RegExp): Is =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
const address: Is = (value) =>
  typeof value === 'string' && !value.includes('#') && URL.canParse(value) && isSecure(new URL(value))
const each =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(is)

const publicKey: Is = (value) => isObject(value) && value['kty'] !== 'oct' && !holdsSecret(value)

/** What members may be and be beyond doubt; the rules may allow more. */
const plain: readonly (readonly [members: RegExp, Is])[] = [
  [/^(?:post_logout_)?redirect_uris$/, each(address)],
  [/^(?:client|logo|tos|policy)_uri$/, address],
  [/^(?:client_name|software_id|software_version)$/, text(/./)],
  [/^token_endpoint_auth_method$/, text(/^(?:none|private_key_jwt)$/)],
  [/^jwks$/, (value) => isObject(value) && each(publicKey)(value['keys'])],
  [/^grant_types$/, each(text(/^(?:authorization_code|refresh_token)$/))],
  [/^response_types$/, each(text(/^code$/))],
  [/^scope$/, text(/^[\w:/.-]+(?: [\w:/.-]+)*$/)],
]
