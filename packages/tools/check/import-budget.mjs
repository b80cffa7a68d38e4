#!/usr/bin/env node
// A service imports us at every start: that may cost at most half of what the usual client library costs. Both are
// measured in the same run, in fresh processes that take turns, and the processor's time is judged: it is what a busy
// machine disturbs least.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { root } from '../build/entry-points.mjs'

const ours = '@registrant/node'
const peer = 'openid-client'
const budget = 0.5
const rounds = 13

const program = (name) => `
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  await import('${name}')
  const { user, system } = process.cpuUsage(cpu)
  console.log(JSON.stringify({ cpu: (user + system) / 1000, wall: performance.now() - wall }))
`

const samples = { [ours]: [], [peer]: [] }
// The first round only warms the file cache.
for (let round = 0; round <= rounds; round++)
  for (const name of round % 2 === 0 ? [ours, peer] : [peer, ours]) {
    const sample = measure(name)
    if (round > 0) samples[name].push(sample)
  }

for (const [name, taken] of Object.entries(samples))
  console.log(
    `${name}: ${median(taken, 'cpu').toFixed(1)} ms of processor time, ${median(taken, 'wall').toFixed(1)} ms`,
  )
const ratio = median(samples[ours], 'cpu') / median(samples[peer], 'cpu')
console.log(`ratio ${ratio.toFixed(2)}, budget ${budget}`)
if (!(ratio <= budget)) process.exitCode = 1

function measure(name) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program(name)], {
    cwd: join(root, 'test'),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

function median(taken, what) {
  return taken.map((sample) => sample[what]).toSorted((a, b) => a - b)[Math.floor(taken.length / 2)]
}
