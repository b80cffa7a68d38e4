// A service imports us at every start: what that costs beside a library that people know, and how many files of ours a
// first registration loads, and a start whose record is good. The import alone is timed, in processes that take turns, by the
// time of the processor, and the median of the ratios is judged: that moves by a tenth beside other work.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { root } from '../build/entry-points.mjs'
import { filesOfAService, filesOfAStart, parsesOfAService, startOfAService } from './budgets.mjs'

const { timed } = await import('../../../test/bench/child.ts')
const { inTurns, ratioOf } = await import('../../../test/bench/turns.ts')

const { peer, most } = startOfAService
const taken = await inTurns(
  { [peer]: timed(`await import('${peer}')`), ours: timed("await import('@registrant/node')") },
  25,
)
const { median, low, high } = ratioOf(taken.get('ours'), taken.get(peer), 'cpu')
const [ratio, between] = [median.toFixed(2), `${low.toFixed(2)} to ${high.toFixed(2)}`]
say(median <= most, `import of @registrant/node: ${ratio} times (${between}) that of ${peer}, budget ${most}`)

const folder = mkdtempSync(join(tmpdir(), 'registrant-budget-'))
const { server, issuer } = await startServer()
const store = `fileStore(${JSON.stringify(folder)})`
try {
  const first = await loadedBy(issuer, 'memoryStore()')
  say(first.files.length <= filesOfAService, `a first registration loads ${countOf(first)}`)
  say(first.parses <= parsesOfAService, `it parses JSON ${first.parses} times, budget ${parsesOfAService}`)
  await loadedBy(issuer, store)
  const start = await loadedBy(issuer, store)
  say(start.files.length <= filesOfAStart, `a start with a good record loads ${countOf(start)}`)
} finally {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true })
}

function countOf({ files }) {
  return `${files.length} files: ${files.join(', ')}`
}

function say(isWithin, line) {
  console.log(`${isWithin ? ' ' : '!'} ${line}`)
  if (!isWithin) process.exitCode = 1
}

/** What is loaded and parsed by a service that keeps a client, registers with a token and listens to events. */
async function loadedBy(at, storeCode) {
  const watch = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    const { parse } = JSON
    globalThis.told = { loaded, parses: 0 }
    JSON.parse = (...given) => (globalThis.told.parses++, parse(...given))`
  const program = `
    import { RegistrationManager, clientCredentials, fileStore, memoryStore } from '@registrant/node'
    const manager = new RegistrationManager({
      issuer: '${at}',
      application: 'orders',
      accessToken: clientCredentials({ clientId: 'registrar', clientSecret: 'secret' }),
      metadata: { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
      store: ${storeCode},
      onEvent: () => {},
    })
    await manager.ensure()
    console.log(JSON.stringify(told))
    process.exit()`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(watch)}`, '--input-type=module', '-e', program]
  const child = spawn(process.execPath, args, { cwd: join(root, 'test'), timeout: 20_000 })
  let [output, complaints] = ['', '']
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (complaints += text))
  await new Promise((resolve) => child.once('close', resolve))
  if (output === '') throw new Error(complaints)
  const { loaded, parses } = JSON.parse(output)
  const files = loaded
    .filter((url) => url.includes('/packages/') && url.includes('/dist/'))
    .map((url) => url.replace(/^.*\/packages\//, '').replace('/dist/', '/'))
  return { files, parses }
}

/** Starts a server that gives a token and a client to every caller. */
async function startServer() {
  const listening = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    const answers = {
      '/token': { access_token: 'a', token_type: 'Bearer' },
      '/register': { client_id: 'c', client_secret: 's', client_secret_expires_at: 0, redirect_uris: [] },
    }
    const metadata = { issuer: url, registration_endpoint: `${url}/register`, token_endpoint: `${url}/token` }
    const answer = answers[pathname] ?? metadata
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${listening.address().port}`
  return { server: listening, issuer: url }
}
