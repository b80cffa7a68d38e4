/**
 * A schema that any library understands which speaks Standard Schema version 1: form libraries, routers, configuration
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

/** What a validation says. */
export type StandardResult<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** A sentence for a person. */
  readonly message: string
  /** Where it is. */
  readonly path?: readonly PropertyKey[] | undefined
}
