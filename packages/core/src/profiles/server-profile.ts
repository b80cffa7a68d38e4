/**
 * What is special about one server, as data: passed by value, never guessed from an answer.
 *
 * `Sent` and `Returned` type the vendor's own members in requests and in answers.
 */
export interface ServerProfile<Sent extends object = {}, Returned extends object = {}> {
  /** The server, and the releases that this was seen on. */
  readonly name: string
  /** Standard member to this server's name for it: renamed when sent, and back when read. */
  readonly aliases?: Readonly<Record<string, string>>
  /** The members that this server knows; a closed list, anything else in a request is a finding. */
  readonly accepts?: readonly string[]
  /**
   * What this server does with a member outside `accepts`: it refuses the request, or ignores the member. Default: it
   * ignores text, and fails at anything else.
   */
  readonly unknownMembers?: 'refused' | 'ignored'
  /** Member to what this server does when it is sent: a finding that does not refuse. */
  readonly warns?: Readonly<Record<string, string>>
  /** Further error codes, with status 400, that mean "this access token does not do". */
  readonly refusedTokenCodes?: readonly string[]
  /** An access token registers once; it is never used a second time. */
  readonly singleUseToken?: boolean
  /** Its registration endpoint knows no scheme but `Bearer`, not even for a token that is bound to a key. */
  readonly bearerOnly?: boolean
  /** Reading a registration changes its management token. */
  readonly rotatesOnRead?: boolean
  /** The secret in the answer to a read is a hash, so the one that is held stays. */
  readonly readSecretIsHashed?: boolean
  /** How to make the management address where the returned one is wrong; `{registration_endpoint}` is replaced too. */
  readonly managementUri?: `${string}{client_id}`
  /** What this server can't do, each with the sentence that explains it. */
  readonly cannot?: Readonly<Partial<Record<'read' | 'update' | 'delete', string>>>
  /**
   * A sentence: whether this server lets pages of other origins ask it (CORS). Told where a browser shows no more than a
   * failed request.
   */
  readonly cors?: string
  /** Never set; carries the types. */
  readonly types?: { sent: Sent; returned: Returned }
}
