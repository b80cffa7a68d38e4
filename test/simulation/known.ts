/**
 * Invariants that the manager does not keep yet, with a seed that breaks each. When one is kept, the test that this seed breaks it
 * fails, and the line goes.
 */
export const notKept: Readonly<Record<string, number>> = {}
