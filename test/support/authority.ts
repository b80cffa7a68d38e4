import { generate } from 'selfsigned'

/** A certificate and its private key, both PEM. */
export interface Identity {
  key: string
  cert: string
}

/** A certificate authority that one test alone trusts. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly ca: string
  /** A certificate for a server on 127.0.0.1. */
  server(): Promise<Identity>
  /** A certificate for a client of that name. */
  client(name: string): Promise<Identity>
}

export async function throwawayAuthority(authority = 'Throwaway authority'): Promise<Authority> {
  const elliptic = { keyType: 'ec', algorithm: 'sha256' } as const
  const root = await generate([{ name: 'commonName', value: authority }], {
    ...elliptic,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  })
  const ca = { key: root.private, cert: root.cert }
  const issue = async (name: string, extensions: NonNullable<Parameters<typeof generate>[1]>['extensions']) => {
    const made = await generate([{ name: 'commonName', value: name }], {
      ...elliptic,
      ca,
      extensions: extensions ?? [],
    })
    return { key: made.private, cert: made.cert }
  }
  return {
    ca: root.cert,
    server: () =>
      issue('server', [
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ]),
    client: (name) =>
      issue(name, [
        { name: 'extKeyUsage', clientAuth: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
      ]),
  }
}
