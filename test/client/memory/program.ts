// Registers once where all is well, and then where the answer is far too big; says what that left in the memory.
import { setTimeout as sleep } from 'node:timers/promises'

import { RegistrationClient } from '@registrant/node'

const [, , good = '', bad = ''] = process.argv

async function register(endpoint: string): Promise<string> {
  const client = new RegistrationClient({ server: { issuer: 'https://as.example', registration_endpoint: endpoint } })
  return client.register({ redirect_uris: ['https://app.example/cb'] }).then(
    () => 'registered',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

async function held(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await sleep(20)
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const warm = await register(good)
const before = await held()
const peakBefore = process.resourceUsage().maxRSS
const outcome = await register(bad)
const grown = (await held()) - before
const peak = (process.resourceUsage().maxRSS - peakBefore) * 1024
console.log(JSON.stringify({ warm, outcome, grown, peak }))
