/** Something wrong, or doubtful, about a request before it is sent. */
export interface Finding {
  /** The metadata member that it is about. */
  member: string
  /**
   * The rule that it breaks: its number (`R01` …), a name in kebab-case, or, before it is sent to a server, the member of
   * the server's metadata that speaks against it.
   */
  rule: string
  /** `MUST` refuses the request, `SHOULD` and `PREFLIGHT` are reported (and refuse where the caller asks for it). */
  level: 'MUST' | 'SHOULD' | 'PREFLIGHT'
  /** One sentence for a person: what is wrong and what to do. */
  message: string
  /** The specification and section, or the server, that the rule comes from. */
  source: string
}
