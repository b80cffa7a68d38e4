// What this package knows of functions in options that it made itself, and of errors that the caller's own functions threw.

/** Functions that authenticate a client by its TLS certificate, and token sources that use such a function. */
const certified = new WeakSet<object>()

/** Notes that a client that uses this function has a certificate. */
export function withCertificate<T extends object>(proof: T): T {
  certified.add(proof)
  return proof
}

/** Whether a client that uses this function is known to have a certificate, and so uses the server's mutual-TLS aliases. */
export const hasCertificate = (proof: unknown): boolean => typeof proof === 'function' && certified.has(proof)

const settings = new WeakMap<object, string>()

/** Notes the options that a token source was made of, as JSON: another source of the same options gets no better token. */
export function madeOf<T extends object>(source: T, of: object): T {
  try {
    settings.set(source, JSON.stringify(of))
  } catch {
    // JSON can't say the options, so nothing is known of this source.
  }
  return source
}

/** The options that a token source was made of, as JSON, where they are known. They hold secrets. */
export const settingsOf = (source: unknown): string | undefined =>
  typeof source === 'function' ? settings.get(source) : undefined

const fromCaller = new WeakSet<object>()

/** Rethrows the error of a function of the caller's own, noted as such: it is not the server's word, whatever it looks like. */
export function throwFromCaller(error: unknown): never {
  if (error instanceof Object) fromCaller.add(error)
  throw error
}

/** Whether a request was not sent because a function of the caller's own failed: a token source, `dpop`, `encodeBody`. */
export const isFromCaller = (error: unknown): boolean => error instanceof Object && fromCaller.has(error)
