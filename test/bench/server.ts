// A server that answers at once and keeps nothing, in a process of its own, so that its work counts for no library. It prints
// where it listens, and ends with its input.
import { listen } from '../servers/test-server.ts'

const mebibyte = 1024 * 1024
const [, , huge = '0'] = process.argv
const members = {
  client_id: 'c'.repeat(36),
  client_secret: 's'.repeat(43),
  client_secret_expires_at: 0,
  registration_access_token: 't'.repeat(43),
  token_endpoint_auth_method: 'client_secret_basic',
  redirect_uris: ['https://app.example/callback'],
  client_name: 'bench',
}
const padded = (size: number): string => {
  const text = JSON.stringify(members)
  return JSON.stringify({ ...members, padding: 'x'.repeat(size - text.length) })
}
/** 1.5 kB, as the answers of servers that repeat what they were sent. */
const answer = Buffer.from(padded(1500))
const hugeAnswer = Number(huge) > 0 ? Buffer.from(padded(Number(huge) * mebibyte)) : answer

const server = await listen((request, response) => {
  const issuer = `${server.url}${request.url?.startsWith('/huge') === true ? '/huge' : ''}`
  const endpoints = {
    authorization_endpoint: `${issuer}/authorize`,
    registration_endpoint: `${issuer}/register`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: ['code'],
  }
  const described = JSON.stringify({ issuer, ...endpoints })
  const isRegistration = request.method === 'POST'
  const body = isRegistration ? (issuer.endsWith('/huge') ? hugeAnswer : answer) : described
  response.on('error', () => undefined)
  request.resume().once('end', () => {
    const status = isRegistration ? 201 : 200
    response
      .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body)
  })
})
process.stdout.write(`${server.url}\n`)
process.stdin.resume().once('end', () => process.exit())
