// What is known of functions that are given to this package as options, where it made them, and of how they fail.

/** What proves a client by the certificate of its connection, and what asks for tokens with such a proof. */
const certified = new WeakSet<object>()

/** Notes that a client which uses this has a certificate. */
export function withCertificate<T extends object>(proof: T): T {
  certified.add(proof)
  return proof
}

/** Whether whoever uses this is known to have a certificate: it is asked at the server's aliases for mutual TLS. */
export const hasCertificate = (proof: unknown): boolean => typeof proof === 'function' && certified.has(proof)

const settings = new WeakMap<object, string>()

/** Notes what a token source was made of, as far as JSON can say it: another one made of the same gets no better token. */
export function madeOf<T extends object>(source: T, of: object): T {
  try {
    settings.set(source, JSON.stringify(of))
  } catch {
    // It is a source like any other, of which nothing is known.
  }
  return source
}

/** What a token source was made of, where that is known. Holds secrets. */
export const settingsOf = (source: unknown): string | undefined =>
  typeof source === 'function' ? settings.get(source) : undefined

const fromCaller = new WeakSet<object>()

/** Throws on what a function of the caller's own threw: it is not the server's word, whatever it looks like. */
export function throwFromCaller(error: unknown): never {
  if (error instanceof Object) fromCaller.add(error)
  throw error
}

/** Whether a request was not sent since a function of the caller's own failed: a token source, `dpop`, `encodeBody`. */
export const isFromCaller = (error: unknown): boolean => error instanceof Object && fromCaller.has(error)
