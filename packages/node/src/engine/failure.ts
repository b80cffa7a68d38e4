import { StoreError } from '@registrant/core'

/** A text member of whatever was thrown: errors may be of another realm, so their class says nothing. */
export function memberOf(error: unknown, member: string): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, member) : undefined
  return typeof value === 'string' ? value : undefined
}

/** What the client of an engine threw; where it tried several addresses, what the first one said. */
export function original(error: unknown): unknown {
  const errors: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'errors') : undefined
  return Array.isArray(errors) && errors.length > 0 ? original(errors[0]) : error
}

/**
 * Says for a person what the client of an engine said.
 *
 * The client's own error is not kept as a cause: it may hold the statement with its values, and the address with its
 * password. The name of a host is left out too, since a password with a `/` or `@` that was not escaped ends up there.
 */
export function engineFailure(code: StoreError['code'], what: string, error: unknown, version?: string): StoreError {
  return new StoreError(code, `${what}: ${reasonOf(error)}`, { version })
}

/** Ends with a full stop. */
function reasonOf(thrown: unknown): string {
  const error = original(thrown)
  const code = memberOf(error, 'code')
  const syscall = memberOf(error, 'syscall')
  // What is said of a connection names its host.
  if (code !== undefined && (syscall ?? memberOf(error, 'address')) !== undefined)
    return `${[syscall ?? '', code, addressOf(error)].join(' ').trim()}.`
  const message = shown(memberOf(error, 'message') ?? String(error))
  const said = code === undefined || message.includes(code) ? message : `${code}: ${message}`
  return /[.!?]$/.test(said) ? said : `${said}.`
}

/** Only an IP address: nothing else is certain to be one. */
function addressOf(error: unknown): string {
  const address = memberOf(error, 'address')
  const port: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'port') : undefined
  return address !== undefined && /^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/i.test(address) ? `${address}:${String(port)}` : ''
}

const longestMessage = 300

/** Without addresses and what was quoted at length: a password or a part of the record may stand there. */
function shown(message: string): string {
  const plain = message
    .replace(/,? with args beginning with.*/su, '')
    .replaceAll(/\S*:\/\/\S*/gu, '…')
    .replaceAll(/(["'`])(?:(?!\1).){65,}\1?/gsu, '…')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/\p{C}/gu, '')
    .trim()
  return plain.length <= longestMessage ? plain : `${plain.slice(0, longestMessage)}…`
}

/** Waits for an engine, and no longer than the caller: a caller that left gets its own reason. */
export async function whileWaited<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  let leave = (): void => undefined
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
  })
  try {
    return await Promise.race([left, work])
  } finally {
    signal.removeEventListener('abort', leave)
    work.catch(() => undefined)
  }
}
