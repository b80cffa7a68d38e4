import assert from 'node:assert/strict'

/** Throws, so that any test runner takes it for a failure. */
export function ensureThat(holds: boolean, otherwise: string): asserts holds {
  assert.ok(holds, otherwise)
}

/** Throws unless both values are the same as JSON. */
export function ensureSame(found: unknown, expected: unknown, what: string): void {
  assert.equal(JSON.stringify(found), JSON.stringify(expected), what)
}

/** The error that a call fails with; throws if the call succeeds. */
export async function failureOf(call: Promise<unknown>, otherwise: string): Promise<unknown> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  assert.ok(outcome, otherwise)
  return outcome.error
}

/** Lets that much time pass. */
export const letPass = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))
