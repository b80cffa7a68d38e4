/** One HTTP request as plain data, which an exchange builds and a transport sends. It holds secrets. */
export interface HttpRequest {
  method: string
  url: string
  /** Names in lower case. */
  headers: Record<string, string>
  body?: string | undefined
}

/** One HTTP answer as plain data, which a transport returns and an exchange reads. It may hold secrets. */
export interface HttpAnswer {
  status: number
  headers: Headers
  /** The whole body as text, decompressed, at most 256 KiB. */
  body: string
  /** Why the body is not whole: over 256 KiB, the connection broke, or time ran out. Absent when it is whole. */
  cutOff?: 'too-long' | 'broken' | 'late' | undefined
}

/** Every way in which a server may deviate; a table in the documentation says what each means. */
export const deviationRules = [
  'status',
  'content-type',
  'encoding',
  'unsafe-member',
  'empty',
  'null',
  'type',
  'unreadable',
  'alias',
  'private-key',
  'management-address',
  'no-management-address',
  'dangerous-uri',
  'insecure-uri',
  'expiry-not-stated',
  'expiry-without-secret',
  'secret-for-public-client',
  'secret-missing',
  'token-reused',
  'not-echoed',
  'changed',
  'not-removed',
  'token-not-bound',
  'expiry-in-the-past',
  'expiry-out-of-range',
  'rejection-not-confirmed',
  'update-unconfirmed',
] as const

/** How a server deviated, in kebab-case; stable, to be compared. */
export type DeviationRule = (typeof deviationRules)[number]

/** Something that a server did differently from the specification, and that was accepted all the same. */
export interface Deviation {
  /** The member that deviates, if the deviation is about one. */
  member?: string | undefined
  /** How the server deviated. */
  rule: DeviationRule
  /** One sentence for a person; never holds a value that may be secret. */
  message: string
}

/** An answer that was read: its normal form, what was odd about it, and the answer as it came. */
export interface Reading<T> {
  /** The answer in normal form. */
  value: T
  /** The server said that it made something new (status 201). */
  created: boolean
  /** What was accepted although it deviates, in the order in which it was seen. */
  deviations: readonly Deviation[]
  /** The parsed body as it came, before anything was made normal; secrets included. */
  raw: unknown
}

/** Something wrong, or doubtful, about a request before it is sent. */
export interface Finding {
  /** The metadata member that the finding is about. */
  member: string
  /**
   * The rule that the request breaks: a number (`R01` …), a name in kebab-case, or, where the request was compared with a
   * server's metadata, the member of the metadata that speaks against it.
   */
  rule: string
  /** `MUST` refuses the request. `SHOULD` is only reported, and so is `PREFLIGHT`, which `preflight: 'strict'` makes refuse. */
  level: 'MUST' | 'SHOULD' | 'PREFLIGHT'
  /** One sentence for a person: what is wrong and what to do. */
  message: string
  /** The specification and section, or the server, that the rule comes from. */
  source: string
}

/** How a client proves itself in one request: headers and form members to be merged into it. Holds secrets. */
export interface ClientProof {
  headers?: Record<string, string> | undefined
  form?: Record<string, string> | undefined
  /** Where the request has to go instead of the token endpoint: its mutual-TLS alias (RFC 8705 section 5). */
  endpoint?: string | undefined
}
