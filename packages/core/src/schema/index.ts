import type { RegistrationRequest, RegistrationResponse, UpdateRequest } from '../model/registration.ts'
import { answerMembers, requestMembers, updateMembers } from './members.ts'
import { standard } from './standard.ts'
import type { StandardSchema } from './standard-schema.ts'

export type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'

/**
 * What `register` takes, as Standard Schema: the types of all standard members, and no others than these. A configuration
 * file is checked with it before it is used; whether the request makes sense is for `checkRequest` to say.
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
 * What `register`, `read` and `update` return, as Standard Schema: the types of all standard members, and any others. What
 * a server answers is brought into this form by `readRegistration`.
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
