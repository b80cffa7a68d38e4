import * as z from 'zod/mini'

import { localizable } from '../model/members.ts'
import type { RegistrationRequest, RegistrationResponse, UpdateRequest } from '../model/registration.ts'
import type { ServerProfile } from '../profiles/server-profile.ts'
import type { Members } from './members.ts'
import { answerMembers, requestMembers, updateMembers } from './members.ts'
import type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'

export type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'

/**
 * What `register` takes, as Standard Schema: the types of all standard members, and no other members. Use it to check a
 * configuration file before the file is used; whether the request makes sense is for `checkRequest` to say.
 *
 * @example
 * ```ts
 * import { registrationRequestSchema } from '@registrant/core/schema'
 *
 * const checked = registrationRequestSchema['~standard'].validate({ redirect_uris: 'https://app.example/callback' })
 * ```
 * @see [RFC 7591 section 2](https://www.rfc-editor.org/rfc/rfc7591#section-2)
 */
export const registrationRequestSchema: StandardSchema<RegistrationRequest> = standard(requestMembers, 'closed')

/**
 * What an update sends (RFC 7592 section 2.2), as Standard Schema; closed as `registrationRequestSchema` is.
 *
 * @example
 * ```ts
 * import { updateRequestSchema } from '@registrant/core/schema'
 *
 * const checked = updateRequestSchema['~standard'].validate({ client_id: 'c1' })
 * ```
 * @see [RFC 7592 section 2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)
 */
export const updateRequestSchema: StandardSchema<UpdateRequest> = standard(updateMembers, 'closed')

/**
 * What `register` takes for one server, as Standard Schema: the members that its profile `accepts` may be there too, of any type.
 * Where the profile does not list them, any member may be there.
 *
 * @example
 * ```ts
 * import { keycloak } from '@registrant/core/profiles'
 * import { registrationRequestSchemaFor } from '@registrant/core/schema'
 *
 * const checked = registrationRequestSchemaFor(keycloak)['~standard'].validate({ backchannel_logout_revoke_offline_tokens: true })
 * ```
 */
export function registrationRequestSchemaFor<Sent extends object>(
  profile: ServerProfile<Sent>,
): StandardSchema<RegistrationRequest & Sent> {
  return standard(requestMembers, profile.accepts ? 'closed' : 'open', profile.accepts)
}

/**
 * What an update sends to one server, as Standard Schema, with further members as in `registrationRequestSchemaFor`.
 *
 * @example
 * ```ts
 * import { keycloak } from '@registrant/core/profiles'
 * import { updateRequestSchemaFor } from '@registrant/core/schema'
 *
 * const checked = updateRequestSchemaFor(keycloak)['~standard'].validate({ client_id: 'c1', backchannel_logout_revoke_offline_tokens: true })
 * ```
 */
export function updateRequestSchemaFor<Sent extends object>(
  profile: ServerProfile<Sent>,
): StandardSchema<UpdateRequest & Sent> {
  return standard(updateMembers, profile.accepts ? 'closed' : 'open', profile.accepts)
}

/**
 * What `register`, `read` and `update` return, as Standard Schema: the types of all standard members, and any others.
 * `readRegistration` brings the answer of a server into this form.
 *
 * @example
 * ```ts
 * import { registrationResponseSchema } from '@registrant/core/schema'
 *
 * const checked = registrationResponseSchema['~standard'].validate({ client_id: 'c1' })
 * ```
 * @see [RFC 7591 section 3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1)
 */
export const registrationResponseSchema: StandardSchema<RegistrationResponse> = standard(answerMembers, 'open')

/** Members as Standard Schema, and `also` these of any type. A value stays as it is, so that nothing of an answer is lost. */
function standard<Value>(
  members: Members,
  others: 'open' | 'closed',
  also: readonly string[] = [],
): StandardSchema<Value> {
  const issuesOf = (value: unknown): StandardIssue[] => [
    ...issues(members, value),
    ...further(value).flatMap(([member, item]) => {
      const known = inLanguage(members, member)
      if (known !== undefined) return issues(known, item, member)
      return others === 'open' || also.includes(member) ? [] : [{ message: 'There is no such member.', path: [member] }]
    }),
  ]
  const further = (value: unknown): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).filter(([member, item]) => item !== undefined && !Object.hasOwn(members.shape, member))
      : []
  // A value without issues has the type `Value`: the compiler has compared `members` with that type.
  const conforms = (_: unknown, found: StandardIssue[]): _ is Value => found.length === 0
  const validate = (value: unknown): StandardResult<Value> => {
    const found = issuesOf(value)
    return conforms(value, found) ? { value } : { issues: found }
  }
  return { '~standard': { version: 1, vendor: 'registrant', validate } }
}

/** The type of a member with a language tag, which is that of the member itself; `undefined` for any other. */
function inLanguage(members: Members, member: string): z.core.$ZodType | undefined {
  const [name = '', tag = ''] = member.split('#')
  return tag !== '' && localizable.includes(name) ? members.shape[name] : undefined
}

function issues(schema: z.core.$ZodType, value: unknown, ...at: string[]): StandardIssue[] {
  const { error } = z.safeParse(schema, value)
  return error?.issues.map(({ message, path }) => ({ message, path: [...at, ...path] })) ?? []
}
