import { checkProfile, checkRequest, preflight } from '../checks/index.ts'
import { InvalidRequestError } from '../errors.ts'
import type { AuthorizationServer } from '../model/authorization-server.ts'
import type { Finding } from '../model/finding.ts'
import type { RegistrationRequest } from '../model/registration.ts'
import type { Line } from './context.ts'

/** Whether a finding is a reason to send nothing. */
type Refuses = (finding: Finding) => boolean

/**
 * Judges a request by the rules and by the server's profile, before anything is sent.
 *
 * @throws {InvalidRequestError} it breaks a rule that is a reason to refuse
 */
export function judgeRequest(line: Line, metadata: RegistrationRequest, refuses?: Refuses): void {
  judge(line, [...checkRequest(metadata), ...checkProfile(metadata, line.options.profile)], refuses)
}

/**
 * Judges whether a request fits the server's metadata.
 *
 * @throws {InvalidRequestError} it does not, and `preflight` is `strict`
 */
export function judgeFit(line: Line, metadata: RegistrationRequest, server: AuthorizationServer): void {
  const mode = line.options.preflight ?? 'warn'
  if (mode !== 'off') judge(line, preflight(metadata, server), () => mode === 'strict')
}

function judge(line: Line, findings: readonly Finding[], refuses: Refuses = () => true): void {
  const reasons = findings.filter((finding) => finding.level !== 'SHOULD' && refuses(finding))
  if (reasons.length > 0) throw new InvalidRequestError(findings)
  for (const finding of findings) line.tell({ type: 'finding', finding })
}
