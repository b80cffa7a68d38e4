import { StoreError } from '@registrant/core'

/** A text member of whatever was thrown: errors may be of another realm, so their class says nothing. */
export function memberOf(error: unknown, member: string): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, member) : undefined
  return typeof value === 'string' ? value : undefined
}

/** The error of an engine's client; where the client tried several addresses, the error of the first one. */
export function original(error: unknown): unknown {
  const errors: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'errors') : undefined
  return Array.isArray(errors) && errors.length > 0 ? original(errors[0]) : error
}

/**
 * Makes a `StoreError` of what the client of an engine threw, in words for a person.
 *
 * The client's own error is not kept as a cause: it may hold the statement with its values, and the address with its
 * password. The name of a host is left out too, since a password with a `/` or `@` that was not escaped ends up there.
 */
export function engineFailure(code: StoreError['code'], what: string, error: unknown, version?: string): StoreError {
  return new StoreError(code, `${what}: ${reasonOf(error)}`, { version })
}

/** The reason as a sentence, with a full stop at its end. */
function reasonOf(thrown: unknown): string {
  const error = original(thrown)
  const code = memberOf(error, 'code')
  const syscall = memberOf(error, 'syscall')
  // The message of a failed connection names its host.
  if (code !== undefined && (syscall ?? memberOf(error, 'address')) !== undefined)
    return `${[syscall ?? '', code, addressOf(error)].join(' ').trim()}.`
  const message = shown(memberOf(error, 'message') ?? String(error))
  const said = code === undefined || message.includes(code) ? message : `${code}: ${message}`
  return /[.!?]$/.test(said) ? said : `${said}.`
}

/** The address and its port, if it is an IP address: nothing else is certain to be an address. */
function addressOf(error: unknown): string {
  const address = memberOf(error, 'address')
  const port: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'port') : undefined
  return address !== undefined && /^[\d.]+$|^[\da-f:.]*:[\da-f:.]*$/i.test(address) ? `${address}:${String(port)}` : ''
}

const longestMessage = 300

/** The first 4,096 characters, without an address or a quotation that would be cut, so that long messages cost no time. */
function startOf(message: string): string {
  const start = /^[^]{0,4096}(?!\S)/.exec(message)?.[0] ?? ''
  return start === message ? message : `${start.replace(/["'`].{0,65}$/s, '')}…`
}

/** A message without addresses and long quotations, which may hold a password or a part of the record. */
function shown(message: string): string {
  const plain = startOf(message)
    .replace(/,? with args beginning with.*/su, '')
    .replaceAll(/\S*:\/\/\S*/gu, '…')
    .replaceAll(/(["'`])(?:(?!\1).){65,}\1?/gsu, '…')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/\p{C}/gu, '')
    .trim()
  return plain.length <= longestMessage ? plain : `${plain.slice(0, longestMessage)}…`
}

/** Waits for work until the signal aborts, and rejects with the signal's reason then; the work itself goes on. */
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
