/** What proves a client by the certificate of its connection, and what asks for tokens with such a proof. */
const certified = new WeakSet<object>()

/** Notes that a client which uses this has a certificate. */
export function withCertificate<T extends object>(proof: T): T {
  certified.add(proof)
  return proof
}

/** Whether whoever uses this is known to have a certificate: it is asked at the server's aliases for mutual TLS. */
export const hasCertificate = (proof: unknown): boolean => typeof proof === 'function' && certified.has(proof)
