// oidc-provider as a process of its own: `node process.ts '{"rotation":false}'`. The first line that it prints is JSON
// with its address, and an address that tells what happened there. It ends with its standard input.
import { listen } from '../test-server.ts'
import { startOidcProvider } from './start.ts'

const server = await startOidcProvider(JSON.parse(process.argv[2] ?? '{}'))

const admin = await listen((request, response) => {
  const forgotten = new URL(request.url ?? '/', server.url).searchParams.get('forget')
  if (forgotten !== null) server.forget(forgotten)
  const { requests } = server
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ clientIds: server.clientIds(), secrets: server.secrets(), requests }))
})

console.log(JSON.stringify({ url: server.url, admin: admin.url, registrar: server.registrar }))
process.stdin.resume().once('close', () => process.exit())
