import type { RegistrationResponse } from './model/registration.ts'
import type { ErrorDetails } from './errors.ts'
import { coded, note, RegistrationError } from './errors.ts'

/** What a server said when it refused. */
export interface Refusal extends ErrorDetails {
  status: number
  error?: string | undefined
  errorDescription?: string | undefined
  retryAfter?: number | undefined
}

/**
 * The server answered with a status from 400 up (RFC 7591 section 3.2.2, RFC 6749 section 5.2); `outcome` says what
 * that proves.
 *
 * - `server-refused` `refused`: The server answered with a status from 400 to 499. It did not do what was asked. Read
 *   `error` and `errorDescription`; wait for `retryAfter` where there is one.
 * - `server-refused` `unknown`: The server answered with a status from 500 up. It may have acted all the same: servers
 *   exist that store a client and then fail. As for a lost answer: call `ensure()` again later, or look before you
 *   repeat it.
 * - `server-refused` `not-sent`: The token endpoint answered with a status from 500 up, or the server asks to be left alone
 *   where its metadata should be. Nothing was registered. Call again later, after `retryAfter` where there is one.
 */
export class ServerRefusedError extends RegistrationError {
  override readonly name = 'ServerRefusedError'
  readonly code = 'server-refused'
  /** The HTTP status. */
  declare readonly status: number
  /** The server's error code, if it gave one; secrets struck out, escaped, at most 1,024 characters. */
  declare readonly error?: string
  /** The server's own sentence for a person, if it gave one; secrets struck out, escaped, at most 1,024 characters. */
  declare readonly errorDescription?: string
  /** How long the server asks to be left alone (`Retry-After`), in milliseconds. */
  declare readonly retryAfter?: number

  // The constructor narrows the details that have to be given.
  // oxlint-disable-next-line no-useless-constructor
  constructor(message: string, refusal: Refusal) {
    super(message, refusal)
  }
}

/** Whether a text has the form of an OAuth error code (RFC 6749 section 5.2); `Forbidden` is the word of a framework or a proxy. */
export const isErrorCode = (text: unknown): text is string => typeof text === 'string' && /^[a-z_]{3,64}$/.test(text)

/** Whether a request was refused because it had no token, or one that does not do. */
export const refusesToken = (error: unknown): boolean =>
  error instanceof ServerRefusedError && error.outcome === 'refused' && (error.status === 401 || error.status === 403)

/**
 * A success that can't be read: not JSON, no `client_id`, a secret that is no text, cut off, or over the size limit of
 * 256 KiB; `outcome` says what the answer shows all the same.
 *
 * - `unexpected-answer` `accepted`: The server said that it acted, and its answer can't be read: no JSON, no
 *   `client_id`, a secret that is no text, cut off, or over 256 KiB. A client exists, or was changed; `client_id` is
 *   there if it could be read, `body` holds the rest and is not printed. Save `body`: its secrets are not told again.
 *   Delete the client at the server, or give what you know to `recover()`.
 * - `unexpected-answer` `refused`: The status is a success, and the body is an OAuth error. The server did not do what
 *   was asked. Read `error` and `errorDescription`, as after a refusal.
 * - `unexpected-answer` `unknown`: A page came where an answer was expected, or an error of the server's under the status
 *   of a success. Whether the server was asked, or has acted, is not known. Sign in where a proxy or a network wants
 *   that, and call again; if it stays, ask the operator.
 * - `unexpected-answer` `not-sent`: The token endpoint answered with success, and there is no token in it. Nothing was
 *   registered. Check the token endpoint; it may not be one.
 */
export class UnexpectedAnswerError extends RegistrationError {
  override readonly name = 'UnexpectedAnswerError'
  readonly code = 'unexpected-answer'
  /** The HTTP status. */
  declare readonly status: number
  /** The server's error code, where its success says that it refused; secrets struck out, escaped. */
  declare readonly error?: string
  /** The server's own sentence for that; secrets struck out, escaped. */
  declare readonly errorDescription?: string
  /** The client's identifier, if that much could be read. */
  declare readonly client_id?: string
  /** The body as far as it was read, with every secret that was sent struck out; may hold new secrets, not enumerable. */
  declare readonly body: string

  constructor(
    message: string,
    {
      body,
      ...details
    }: ErrorDetails & {
      status: number
      body: string
      error?: string | undefined
      errorDescription?: string | undefined
      client_id?: string | undefined
    },
  ) {
    super(message, details)
    note(this, { body }, false)
  }
}

/** Every rule by which this package refuses something that a server offers. */
export const policyRules = [
  'redirect',
  'insecure-address',
  'issuer-mismatch',
  'resource-mismatch',
  'management-address',
  'client-id-changed',
  'redirect-uri-added',
  'authentication-downgraded',
  'statement-altered',
  'secret-not-kept',
] as const

/** A rule of {@link PolicyError}, in kebab-case. */
export type PolicyRule = (typeof policyRules)[number]

/**
 * This package refused something that the server offers; `rule` names the reason.
 *
 * - `policy` `redirect`: The server answered with a redirect, and none is ever followed: a token or a secret would go
 *   elsewhere. Where the outcome is `unknown`, the server may have acted. Configure the address that it points to, if
 *   you trust it.
 * - `policy` `insecure-address`: An address is neither https nor http on the loopback interface or at an origin in
 *   `allowHttp`, or it holds user info. Nothing was sent there. Use https.
 * - `policy` `issuer-mismatch`: The metadata belongs to another issuer than was asked for. Nothing of it was used.
 *   Spell the issuer exactly as the server does; behind a proxy that changes it, pass the metadata as `server`.
 * - `policy` `resource-mismatch`: The metadata of a protected resource are about another resource than was asked. Nothing of
 *   them was used. Ask the resource by the address that its metadata name, or its operator.
 * - `policy` `management-address`: The management address may not be contacted: another origin, no https, user info or
 *   a fragment. The token was not sent there. The client itself works. Name the origin in `allowedOrigins`, if you
 *   trust it.
 * - `policy` `client-id-changed`: The answer to a read or an update is about another client. It was not used;
 *   `registration` holds it and is not printed. Do not mix the two: ask the operator of the server.
 * - `policy` `redirect-uri-added`: The server registered a redirect URI that was not asked for; codes and tokens could
 *   go there. The client exists; `registration` holds it and is not printed. The manager deletes it, or after an
 *   update goes on with it as it was. Delete it if you use the client alone, and ask the operator of the server.
 * - `policy` `authentication-downgraded`: The server registered a client that does not authenticate, where
 *   authentication was asked for. The client exists; `registration` holds it and is not printed. The manager deletes
 *   it, or after an update goes on with it as it was. Delete it if you use the client alone; declare a method that the
 *   server supports.
 * - `policy` `statement-altered`: The server returned another software statement than the one that was sent. The
 *   client exists; `registration` holds it and is not printed. The manager deletes it, or after an update goes on with
 *   it as it was. Delete it if you use the client alone, and ask the operator of the server.
 * - `policy` `secret-not-kept`: The server registered a client that needs a secret, and secrets are not kept here. The
 *   client exists; `registration` holds it and is not printed. The manager deletes it, or after an update goes on with
 *   it as it was. Declare `none` or `private_key_jwt` as `token_endpoint_auth_method`.
 */
export class PolicyError extends RegistrationError {
  override readonly name = 'PolicyError'
  readonly code = 'policy'
  /** The rule, in kebab-case. */
  declare readonly rule: PolicyRule
  /** With `redirect`: the HTTP status, where the platform tells it. */
  declare readonly status?: number
  /** The registration that the server made all the same, so that it can be deleted; not enumerable. */
  declare readonly registration?: RegistrationResponse

  constructor(
    message: string,
    {
      registration,
      ...details
    }: ErrorDetails & {
      rule: PolicyRule
      status?: number | undefined
      registration?: RegistrationResponse | undefined
    },
  ) {
    super(message, details)
    note(this, { registration }, false)
  }
}

/**
 * The server, or this registration, cannot do what was asked; `code` says why.
 *
 * - `not-managed`: The registration has no management token, or no address that may be used. Nothing was sent, unless
 *   `delete()` was denied a token that it had sent: the `outcome` says what is known then. The client itself works.
 *   Register anew to change it; the operator of the server can delete the old one.
 * - `no-registration-endpoint`: No metadata document was found, or it names no registration endpoint; the message
 *   lists what was tried. Nothing was sent. Check the issuer, with its realm; or pass the endpoints as `server`.
 * - `unsupported`: The server can't do this, or a part of it is missing; the message says which. Nothing was sent,
 *   unless `rotate()` got the same secret again: the `outcome` is `accepted` then. Do what the message says.
 */
export class NotSupportedError extends RegistrationError {
  override readonly name = 'NotSupportedError'
  declare readonly code: 'not-managed' | 'no-registration-endpoint' | 'unsupported'

  constructor(code: NotSupportedError['code'], message: string, details?: Partial<ErrorDetails>) {
    super(message, coded(code, details))
  }
}
