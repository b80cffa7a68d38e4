import { RegistrationError } from '@registrant/core'

/** The error that a call fails with; that it succeeds, or fails with anything but an error of ours, fails the test. */
export async function failure(call: Promise<unknown>): Promise<RegistrationError> {
  const outcome = await call.then(
    () => 'it succeeded',
    (error: unknown) => error,
  )
  if (outcome instanceof RegistrationError) return outcome
  throw new Error('This should have failed with an error of ours', { cause: outcome })
}
