/**
 * What is special about one server, as data: passed by value, never guessed from an answer.
 *
 * Every member is a fact that somebody saw at a server, and each is optional: what is left out is as the specifications
 * say. `Sent` and `Returned` type the vendor's own members in requests and in answers. A member is named by its name on the
 * wire; where one value of it matters, by `member=value` (a member that is a list: one of its items).
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
  /** The server, as findings name their source: `Keycloak`. */
  readonly name: string
  /**
   * Standard member to this server's name for it: renamed when sent, and back when read. Misspellings that servers only
   * answer with need no alias; those known are always read.
   */
  readonly aliases?: Readonly<Record<string, string>>
  /**
   * The members that this server knows in a request, its own included; a closed list, anything else is a finding.
   * `client_name#` stands for `client_name` with any language tag; without it a tagged member is unknown, as it is on the
   * wire. Default: whatever is sent is assumed to be known.
   */
  readonly accepts?: readonly string[]
  /**
   * What this server does with a member outside `accepts`: it refuses the request (the finding is a MUST, nothing is
   * sent), or ignores the member (a SHOULD). Default: it ignores text, and fails at anything else.
   */
  readonly unknownMembers?: 'refused' | 'ignored'
  /**
   * Member, or `member=value`, to the reason why this server refuses every request that holds it, whatever its operator
   * configured: a MUST finding, so nothing is sent.
   */
  readonly refuses?: Readonly<Record<string, string>>
  /** Member, or `member=value`, to what this server does when it is sent: a SHOULD finding, the request goes out. */
  readonly warns?: Readonly<Record<string, string>>
  /**
   * Members that this server works out from others, or that its operator sets: a value in an answer is no wish of the
   * client's, so an update leaves it out unless the caller sets it. Default: an update sends back what was answered
   * (RFC 7592 section 2.2).
   */
  readonly derived?: readonly string[]
  /**
   * How an update takes a member out: by leaving it out, or only by its empty value (`''`, `[]`, `false`), where the
   * server keeps what is left out. Default: `left-out` (RFC 7592 section 2.2).
   */
  readonly clears?: 'left-out' | 'empty'
  /**
   * The registration endpoint where this server's metadata name none; `{issuer}` is replaced. Default: without one nothing
   * can be registered.
   */
  readonly registrationEndpoint?: `{issuer}${string}`
  /** How to make the management address where the returned one is wrong; `{registration_endpoint}` is replaced too. */
  readonly managementUri?: `${string}{client_id}`
  /**
   * What authorizes reading, updating and deleting a client: the `registration_access_token` that came with it, or an
   * access token as for registering; one that is refused says nothing of the client, and another is tried once. Default:
   * `registration-token` (RFC 7592).
   */
  readonly managementAuthorization?: 'registration-token' | 'access-token'
  /** What this server can't do, each with the sentence that explains it and says what to do instead; nothing is sent. */
  readonly cannot?: Readonly<Partial<Record<'read' | 'update' | 'delete', string>>>
  /** Further error codes, with status 400, that mean "this access token does not do"; a new token is tried once. */
  readonly refusedTokenCodes?: readonly string[]
  /** An access token registers once; it is never used a second time. */
  readonly singleUseToken?: boolean
  /** Its registration endpoint knows no scheme but `Bearer`, not even for a token that is bound to a key (RFC 9449). */
  readonly bearerOnly?: boolean
  /** The secret in the answer to a read is a hash, so the one that is held stays. */
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
   * Neither its token endpoint nor a management address can tell a client that it forgot from one that it knows, so the
   * application's own report that a client was refused counts. Default: false; `trustRejections` of the manager wins.
   */
  readonly trustRejections?: boolean
  /**
   * A sentence: whether this server lets pages of other origins ask it (CORS). Told where a browser shows no more than a
   * failed request.
   */
  readonly cors?: string
  /**
   * What this server was seen to mean by a refusal where that differs from the specifications, and what to do about it. The
   * first entry whose status, code and operation all fit is told instead of the usual advice.
   */
  readonly advice?: readonly ServerAdvice[]
  /** Never set; carries the types. */
  readonly types?: { sent: Sent; returned: Returned }
}

/** What to do about one kind of refusal by one server. */
export interface ServerAdvice {
  /** The HTTP status. */
  readonly status: number
  /** The OAuth error code. Default: any, and none. */
  readonly error?: string
  /** What was asked for. Default: anything. */
  readonly operation?: 'token' | 'register' | 'read' | 'update' | 'delete'
  /** One or two sentences: what it means, what to do. */
  readonly message: string
}
