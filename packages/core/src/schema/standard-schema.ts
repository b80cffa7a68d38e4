/**
 * A schema for every library that understands Standard Schema version 1, such as form libraries, routers and configuration
 * loaders.
 */
export interface StandardSchema<Value> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    /** The value, unchanged, or what is wrong with it. */
    readonly validate: (value: unknown) => StandardResult<Value>
    /** Never set; carries the types. */
    readonly types?: { readonly input: Value; readonly output: Value } | undefined
  }
}

/** The result of a validation: the value, or what is wrong with it. */
export type StandardResult<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** A sentence for a person. */
  readonly message: string
  /** Where in the value it is. */
  readonly path?: readonly PropertyKey[] | undefined
}
