/** One HTTP request as plain data: what an exchange builds and a transport sends. Holds secrets. */
export interface HttpRequest {
  method: string
  url: string
  /** Names in lower case. */
  headers: Record<string, string>
  body?: string | undefined
}

/** One HTTP answer as plain data: what a transport returns and an exchange reads. May hold secrets. */
export interface HttpAnswer {
  status: number
  headers: Headers
  /** The whole body as text, decompressed, at most 256 KiB. */
  body: string
  /** Why the body is not whole: over 256 KiB, the connection broke, or time ran out. Absent when it is. */
  cutOff?: 'too-long' | 'broken' | 'late' | undefined
}
