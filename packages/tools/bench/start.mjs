#!/usr/bin/env node
// What a start costs whose registration is good: `ensure()` over a folder, beside reading a file of the same size, and
// it makes no request. In fresh processes that take turns, which is what a start is, and then within one process.
// `node packages/tools/bench/start.mjs [rounds] [starts]`; medians, ratios within the same round.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import { root } from '../build/entry-points.mjs'

const library = pathToFileURL(`${root}/packages/node/dist/index.js`).href
const { RegistrationManager, fileStore, memoryStore } = await import(library)

const [rounds = 21, starts = 200] = process.argv.slice(2).map(Number)
const metadata = { redirect_uris: ['https://app.example/callback'], client_name: 'bench' }
let requests = 0
const server = createServer((request, response) => {
  requests++
  const secrets = { client_secret: 's'.repeat(43), registration_access_token: 't'.repeat(43) }
  const client = { client_id: 'c'.repeat(36), ...secrets, registration_client_uri: `${issuer}/register/c`, ...metadata }
  const answer = request.method === 'POST' ? client : { issuer, registration_endpoint: `${issuer}/register` }
  const status = request.method === 'POST' ? 201 : 200
  request.resume().once('end', () => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`
const folder = mkdtempSync(join(tmpdir(), 'registrant-bench-'))
const file = join(folder, 'same-size')

try {
  const options = { issuer, application: 'bench', metadata }
  const stored = remembering(fileStore(folder))
  await new RegistrationManager({ ...options, store: stored.store }).ensure()
  const [first, size] = [requests, Buffer.byteLength(stored.latest())]
  writeFileSync(file, stored.latest())
  console.log(`the first start: ${first} requests; its record: ${size} bytes`)

  const memory = memoryStore()
  await new RegistrationManager({ ...options, store: memory }).ensure()
  const before = requests

  const reading = `const before = performance.now(); await readFile(${JSON.stringify(file)})`
  const ensuring = `const manager = new RegistrationManager({ ...${JSON.stringify(options)}, store: fileStore(${JSON.stringify(folder)}) })
    const before = performance.now(); await manager.ensure()`
  compare(
    'a fresh process',
    await inTurns(rounds, {
      'reading the file': () => fresh(`import { readFile } from 'node:fs/promises'`, reading),
      'ensure()': () => fresh(`import { RegistrationManager, fileStore } from '${library}'`, ensuring),
    }),
  )

  const many = (start) => async () => {
    const began = performance.now()
    for (let done = 0; done < starts; done++) await start()
    return { took: (performance.now() - began) / starts }
  }
  const start = (store) => new RegistrationManager({ ...options, store }).ensure()
  compare(
    'one process, a new manager each time',
    await inTurns(rounds, {
      'reading the file': many(() => readFile(file)),
      'ensure(), memoryStore': many(() => start(memory)),
      'ensure(), fileStore': many(() => start(fileStore(folder))),
    }),
  )

  const made = requests - before
  console.log(`requests made by ${(rounds + 1) * (1 + 2 * starts)} starts with a good record: ${made}`)
  if (made !== 0) process.exitCode = 1
} finally {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true })
}

/** A store, and what was saved in it last. */
function remembering(store) {
  let latest = ''
  const save = (key, value, expected) => {
    latest = value
    return store.save(key, value, expected)
  }
  return { store: { ...store, save }, latest: () => latest }
}

/** A process that imports, acts, and tells how long that took, and how long it had then lived. */
async function fresh(imports, act) {
  const program = `${imports}
    ${act}
    console.log(JSON.stringify({ took: performance.now() - before, lived: performance.now() }))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  return JSON.parse(stdout)
}

/** So many samples of each way, one after the other in changing order; the first of each only warms. */
async function inTurns(count, ways) {
  const samples = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
  for (let round = 0; round <= count; round++)
    for (const [name, measure] of Object.entries(ways).toSorted(() => Math.random() - 0.5)) {
      const sample = await measure()
      if (round > 0) samples[name].push(sample)
    }
  return samples
}

/** Each way against the first one. */
function compare(where, samples) {
  const [bare] = Object.values(samples)
  console.log(`${where}:`)
  for (const [name, taken] of Object.entries(samples)) {
    const figures = Object.keys(taken[0]).map((what) => {
      const ms = median(taken.map((sample) => sample[what]))
      const ratio = median(taken.map((sample, round) => sample[what] / bare[round][what]))
      return `${what} ${ms.toFixed(3)} ms (x${ratio.toFixed(2)})`
    })
    console.log(`  ${name.padEnd(22)} ${figures.join('  ')}`)
  }
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
}
