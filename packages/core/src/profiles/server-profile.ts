/**
 * What is special about one server, as data. A profile is passed by value, and never guessed from an answer.
 *
 * Every member of a profile but `name` is optional, and states a fact that was seen at the server; where a member is left out,
 * the server behaves as the specifications say. `Sent` and `Returned` type the vendor's own members in requests and in answers.
 * A metadata member is named by its name on the wire, or by `member=value` for one of its values (of a list: one of its items).
 *
 * @example
 * ```ts
 * import type { ServerProfile } from '@registrant/core'
 *
 * export const inHouse: ServerProfile<{ cost_center?: string }> = {
 *   name: 'In-house server 3.2',
 *   accepts: ['redirect_uris', 'grant_types', 'client_name', 'client_name#', 'cost_center'],
 *   unknownMembers: 'refused',
 *   singleUseToken: true,
 *   cannot: { update: 'The in-house server has no update. Nothing was sent; register another client instead.' },
 * }
 * ```
 *
 * @see [RFC 7591](https://www.rfc-editor.org/rfc/rfc7591), [RFC 7592](https://www.rfc-editor.org/rfc/rfc7592)
 */
export interface ServerProfile<Sent extends object = {}, Returned extends object = {}> {
  /** The name of the server, which findings give as their source: `Keycloak`. */
  readonly name: string
  /**
   * Maps a standard member to this server's name for it: the member is renamed when it is sent, and back when it is read.
   * Misspellings that servers only answer with need no alias: the known ones are always read.
   */
  readonly aliases?: Readonly<Record<string, string>>
  /**
   * The members that this server knows in a request, its own included. The list is closed: any other member is a finding.
   * `client_name#` stands for `client_name` with any language tag; without it a tagged member is unknown, as it is on the
   * wire. Default: every member is assumed to be known.
   */
  readonly accepts?: readonly string[]
  /**
   * What this server does with a member outside `accepts`: it refuses the request (the finding is a MUST, nothing is
   * sent), or ignores the member (a SHOULD). Default: it ignores a text, and fails at any other value.
   */
  readonly unknownMembers?: 'refused' | 'ignored'
  /**
   * Maps a member, or `member=value`, to the reason why this server refuses every request that holds it, whatever its operator
   * configured: a MUST finding, so nothing is sent.
   */
  readonly refuses?: Readonly<Record<string, string>>
  /** Maps a member, or `member=value`, to what this server does with it: a SHOULD finding, and the request is sent. */
  readonly warns?: Readonly<Record<string, string>>
  /**
   * Members that this server derives from others, or that its operator sets. Their value in an answer is no wish of the client,
   * so an update leaves them out unless the caller sets them. Default: an update sends back what was answered
   * (RFC 7592 section 2.2).
   */
  readonly derived?: readonly string[]
  /**
   * How an update takes a member out: by leaving it out, or only by its empty value (`''`, `[]`, `false`), where the
   * server keeps what is left out. Default: `left-out` (RFC 7592 section 2.2).
   */
  readonly clears?: 'left-out' | 'empty'
  /**
   * The registration endpoint where this server's metadata name none; `{issuer}` is replaced. Default: none, so that without
   * one in the metadata no client can be registered.
   */
  readonly registrationEndpoint?: `{issuer}${string}`
  /** The management address where the returned one is wrong; `{client_id}` and `{registration_endpoint}` are replaced. */
  readonly managementUri?: `${string}{client_id}`
  /**
   * What authorizes reading, updating and deleting a client: the `registration_access_token` that came with the client, or an
   * access token as for registering. A refused access token says nothing about the client, and another token is tried once.
   * Default: `registration-token` (RFC 7592).
   */
  readonly managementAuthorization?: 'registration-token' | 'access-token'
  /** The operations that this server can't do, each with a sentence on why, and what to do instead; nothing is sent. */
  readonly cannot?: Readonly<Partial<Record<'read' | 'update' | 'delete', string>>>
  /** Further error codes that, with status 400, mean that the access token is refused; a new token is tried once. */
  readonly refusedTokenCodes?: readonly string[]
  /** Whether an access token is good for one registration: it is never used a second time. Default: false. */
  readonly singleUseToken?: boolean
  /** Whether the registration endpoint takes only the scheme `Bearer`, even for a token that is bound to a key (RFC 9449). */
  readonly bearerOnly?: boolean
  /** Whether the secret in the answer to a read is a hash, so that the known secret stays. */
  readonly readSecretIsHashed?: boolean
  /**
   * Whether this server form-decodes the identifier and the secret of HTTP Basic (RFC 6749 section 2.3.1). `false`: both
   * are sent as they are. Default: true.
   */
  readonly basicIsDecoded?: boolean
  /**
   * What an assertion that proves a client must name as its audience (RFC 7523 section 3). Default: `issuer`.
   */
  readonly tokenAudience?: 'issuer' | 'token_endpoint'
  /**
   * Whether neither the token endpoint nor a management address can tell a forgotten client from a known one, so that the
   * application's own report that a client was refused counts. Default: false; `trustRejections` of the manager wins.
   */
  readonly trustRejections?: boolean
  /**
   * A sentence on whether this server lets pages of other origins ask it (CORS). It is added to the error where a browser says
   * no more than that a request failed.
   */
  readonly cors?: string
  /**
   * What this server means by a refusal where that differs from the specifications, and what to do about it. The error has the
   * first entry whose status, code and operation all fit, instead of the usual advice.
   */
  readonly advice?: readonly ServerAdvice[]
  /** Never set; it only carries the types. */
  readonly types?: { sent: Sent; returned: Returned }
}

/** What to do about one kind of refusal by one server. */
export interface ServerAdvice {
  /** The HTTP status. */
  readonly status: number
  /** The OAuth error code. Default: any, and none. */
  readonly error?: string
  /** The operation that was refused. Default: any. */
  readonly operation?: 'token' | 'register' | 'read' | 'update' | 'delete'
  /** One or two sentences: what it means, what to do. */
  readonly message: string
}
