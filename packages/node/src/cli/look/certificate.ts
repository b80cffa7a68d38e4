import { connect } from 'node:tls'

const patience = 5000

/** When the certificate of a server ends; `undefined` where it can't be seen, as behind a proxy. */
export function certificateEnd({ hostname, port }: URL): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port || 443),
      servername: hostname,
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
