import { RegistrationError, StoreError } from '@registrant/core'

/** The error that a call fails with; that it succeeds, or fails with anything but an error of ours, fails the test. */
export async function failure(call: Promise<unknown>): Promise<RegistrationError> {
  const outcome = await call.then(
    () => 'it succeeded',
    (error: unknown) => error,
  )
  if (outcome instanceof RegistrationError) return outcome
  throw new Error('This should have failed with an error of ours', { cause: outcome })
}

/** The version that an error of a store says to save over. */
export function versionIn(error: unknown): string {
  if (error instanceof StoreError && error.version !== undefined) return error.version
  throw new Error('This should have been an error that names a version', { cause: error })
}
