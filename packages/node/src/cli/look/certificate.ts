import { isIP } from 'node:net'
import { connect } from 'node:tls'

const patience = 5000

/** When the certificate of a server ends, in milliseconds since 1970; `undefined` where it can't be seen, as behind a proxy. */
export function certificateEnd({ hostname, port }: URL): Promise<number | undefined> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port || 443),
      // SNI takes names, and no IP address.
      ...(isIP(host) === 0 && { servername: host }),
    })
    const end = (at?: number): void => {
      socket.destroy()
      resolve(at)
    }
    socket.setTimeout(patience, () => end())
    socket.once('error', () => end())
    socket.once('secureConnect', () => end(Date.parse(socket.getPeerCertificate().valid_to)))
  })
}
