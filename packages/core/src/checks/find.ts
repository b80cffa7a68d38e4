import type { Finding } from '../model/finding.ts'
import type { RegistrationRequest } from '../model/registration.ts'

/** Notes that a member breaks a rule; a `MUST` where nothing else is said. */
export type Find = (rule: string, member: string, message: string, source: string, level?: Finding['level']) => void

/** Looks for one family of rules in a request whose standard members have their declared type, or are absent. */
export type Check = (request: RegistrationRequest, find: Find) => void

/** The sources that most rules come from. */
export const rfc7591 = 'RFC 7591 section 2'
export const dcr = 'OIDC DCR 1.0 section 2'
