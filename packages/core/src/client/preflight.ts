import { loadChecks } from '../checks/load.ts'
import { InvalidRequestError } from '../errors.ts'
import { isSecure } from '../exchange/addresses.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Finding } from '../model/http.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import type { ClientContext } from './context.ts'

/** Finds what is wrong with metadata, by one set of rules. */
type Judge = (metadata: RegistrationRequest) => readonly Finding[]

/** What is known of a request apart from its metadata. */
export interface Judged {
  /** For an update: which findings come from its changes. Default: a registration, to which every finding belongs. */
  blamed?: ((judge: Judge) => (finding: Finding) => boolean) | undefined
  /** Whether its `jwks` holds nothing but keys that were made here. Default: false. */
  hasOwnKeys?: boolean | undefined
}

/**
 * Judges a request by the rules and by the server's profile, before anything is sent. The function that it returns judges
 * whether the request fits the server's metadata, once they are known. An update is refused only for its changes: a finding
 * about what the server itself returned is only reported.
 *
 * @throws {InvalidRequestError} the request breaks a rule, or it does not fit and `preflight` is `strict`
 */
export async function judgeRequest(
  context: ClientContext,
  metadata: RegistrationRequest,
  { blamed, hasOwnKeys = false }: Judged = {},
): Promise<(server: AuthorizationServer) => void> {
  if (!blamed && !needsChecks(context, metadata, hasOwnKeys)) return () => undefined
  const { profile, preflight: mode = 'warn' } = context.options
  const checks = await loadChecks()
  const refuse = (judge: Judge, mayRefuse: boolean): void => {
    const findings = judge(metadata)
    const isBlamed = blamed?.(judge) ?? (() => true)
    const reasons = findings.filter((finding) => mayRefuse && finding.level !== 'SHOULD' && isBlamed(finding))
    const advice = findings.filter((finding) => !reasons.includes(finding))
    if (reasons.length > 0) throw new InvalidRequestError(reasons, { advice })
    for (const finding of findings) context.tell({ type: 'finding', finding })
  }
  refuse((asked) => checks.checkRequest(asked, profile), true)
  return (server) => {
    if (mode !== 'off') refuse((asked) => checks.preflight(asked, server, profile), mode === 'strict')
  }
}

/**
 * Whether a request has to be checked. It need not be where it is so plain that it breaks no rule, and there is no listener
 * for what else is worth knowing about it.
 */
function needsChecks(
  { options, hasListener }: ClientContext,
  metadata: RegistrationRequest,
  hasOwnKeys: boolean,
): boolean {
  if (hasListener || options.profile !== undefined || options.preflight === 'strict') return true
  const { redirect_uris, token_endpoint_auth_method: method, jwks } = metadata
  if (redirect_uris === undefined || (method === 'private_key_jwt') !== (jwks !== undefined)) return true
  const declared = Object.entries(metadata).filter(
    ([member, value]) => value !== undefined && !(hasOwnKeys && member === 'jwks'),
  )
  return !declared.every(([member, value]) => plain.some(([members, is]) => members.test(member) && is(value)))
}

type Is = (value: unknown) => boolean

const matching =
  (pattern: RegExp): Is =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
/** An address that no parser would mend, since the text is sent as it is. */
const address: Is = (value) =>
  matching(/^https?:\/\/\w[\w.:/?&=~-]*$/)(value) && URL.canParse(String(value)) && isSecure(new URL(String(value)))
const each =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(is)

/** Members and values that break no rule for certain, as an everyday page declares them; the rules allow more. */
const plain: readonly (readonly [members: RegExp, Is])[] = [
  [/^(?:post_logout_)?redirect_uris$/, each(address)],
  [/^(?:client|logo|tos|policy)_uri$/, address],
  [/^(?:client_name|software_id|software_version)$/, matching(/./)],
  [/^token_endpoint_auth_method$/, matching(/^(?:none|private_key_jwt)$/)],
  [/^token_endpoint_auth_signing_alg$/, matching(/^(?:[EPR]S(?:256|384|512)|Ed(?:DSA|25519))$/)],
  [/^grant_types$/, each(matching(/^(?:authorization_code|refresh_token)$/))],
  [/^response_types$/, each(matching(/^code$/))],
  [/^scope$/, matching(/^[\w:/.-]+(?: [\w:/.-]+)*$/)],
]
