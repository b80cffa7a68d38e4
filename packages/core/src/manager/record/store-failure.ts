import { RegistrationError, StoreError } from '../../errors.ts'
import { escape, redact, secretsIn, struck } from '../../exchange/redact.ts'

/**
 * A store's own error as one of ours. It may hold what the store was told to save, and how it reaches its engine, so nothing is
 * kept but its name, its code and its sentence, without the secrets of the record and those of an address.
 *
 * @param record what was to be saved, or is remembered
 */
export function storeFailure(error: unknown, record?: unknown): RegistrationError {
  if (error instanceof RegistrationError) return error
  const { message = error, name, code }: { message?: unknown; name?: unknown; code?: unknown } = Object(error)
  const said = typeof message === 'string' ? escape(withoutLogin(redact(message, secretsIn(record)))) : 'no reason'
  const bare = Object.assign(new Error(said), {
    ...(typeof name === 'string' && { name }),
    ...(typeof code === 'string' && { code }),
  })
  return new StoreError('store-unavailable', `The store failed: ${said}`, { cause: bare })
}

/**
 * Strikes out how somebody logs in: whatever stands before the last `@` of an address, since a password may hold any letter; its
 * query; and what is called a password, a secret or a token, as in a list of settings.
 */
const withoutLogin = (text: string): string =>
  text
    .replaceAll(/(?<=:\/\/)\S*@/gu, `${struck}@`)
    .replaceAll(/(:\/\/[^\s?]*\?)\S+/gu, `$1${struck}`)
    .replaceAll(
      /((?:password|passwd|pwd|secret|token|(?:access|account|api)[_-]?key)["']?\s*[=:]\s*)(?:"[^"]*"?|'[^']*'?|[^\s,;&]+)/giu,
      `$1${struck}`,
    )
