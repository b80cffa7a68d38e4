/** Something that a server did differently from the specification, and that was accepted all the same. */
export interface Deviation {
  /** The member that it is about, if it is about one. */
  member?: string | undefined
  /** Which rule it is, in kebab-case; stable, to be compared. */
  rule: string
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
