#!/usr/bin/env node
// What one request costs over the bare `fetch` of the platform: CPU time, of ky as it comes, of ky as the transport sets
// it up, and of the built client. `node packages/tools/bench/request.mjs [rounds] [requests]`; ways are taken in turns, medians.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

import { root } from '../build/entry-points.mjs'

const core = createRequire(`${root}/packages/core/package.json`)
const { default: ky } = await import(pathToFileURL(core.resolve('ky')).href)
const { RegistrationClient } = await import(pathToFileURL(`${root}/packages/core/dist/index.js`).href)

const [rounds = 41, requests = 60] = process.argv.slice(2).map(Number)
const metadata = { redirect_uris: ['https://app.example/cb'], client_name: 'bench' }
const answer = JSON.stringify({ client_id: 'c', client_secret: 's'.repeat(32), ...metadata, padding: 'x'.repeat(1400) })
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(201, { 'content-type': 'application/json' }).end(answer))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}/register`

const init = (signal) => ({
  method: 'POST',
  headers: { accept: 'application/json', 'content-type': 'application/json', authorization: 'Bearer token' },
  body: JSON.stringify(metadata),
  signal,
})
const plain = ky.create({ timeout: false, retry: 0, throwHttpErrors: false })
const client = new RegistrationClient({
  server: { issuer: 'https://as.example', registration_endpoint: url },
  accessToken: 'token',
})

const ways = {
  'fetch(url, init)': async () => (await fetch(url, init())).text(),
  'fetch with a signal': async () => (await fetch(url, init(AbortSignal.timeout(20_000)))).text(),
  'ky as it comes': async () => (await ky(url, init(AbortSignal.timeout(20_000)))).text(),
  'ky, retry and timeout off': async () => (await plain(url, init(AbortSignal.timeout(20_000)))).text(),
  'ky, sending our own request': async () => {
    const own = init(AbortSignal.timeout(20_000))
    return (await plain(url, { method: 'POST', fetch: () => fetch(url, own) })).text()
  },
  'client.register': () => client.register(metadata),
}

const taken = new Map(Object.keys(ways).map((name) => [name, []]))
for (const send of Object.values(ways)) for (let warm = 0; warm < 200; warm++) await send()
for (let round = 0; round < rounds; round++) {
  for (const [name, send] of Object.entries(ways).toSorted(() => Math.random() - 0.5)) {
    const before = process.cpuUsage()
    const started = performance.now()
    for (let sent = 0; sent < requests; sent++) await send()
    const { user, system } = process.cpuUsage(before)
    taken.get(name).push({ cpu: (user + system) / requests, wall: ((performance.now() - started) * 1000) / requests })
  }
}
server.close()
server.closeAllConnections()

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
const bare = taken.get('fetch(url, init)')
for (const [name, samples] of taken) {
  const ratio = median(samples.map(({ cpu }, round) => cpu / bare[round].cpu))
  const [cpu, wall] = [median(samples.map((it) => it.cpu)), median(samples.map((it) => it.wall))]
  console.log(
    `${name.padEnd(30)} ${cpu.toFixed(0).padStart(5)} us CPU  ${wall.toFixed(0).padStart(5)} us  x${ratio.toFixed(2)}`,
  )
}
