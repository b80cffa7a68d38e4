import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { BenchMetadata } from './registrars.mjs'

/** A server in a process of its own: its metadata, and those of an issuer there whose answer is as long as was asked for. */
export interface BenchServer extends AsyncDisposable {
  usual: BenchMetadata
  huge: BenchMetadata
}

/** Starts the server; `huge`: how many MiB the long answer has. */
export async function startServer({ huge = 0 }: { huge?: number } = {}): Promise<BenchServer> {
  const program = fileURLToPath(new URL('server.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, String(huge)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const [url] = await once(createInterface({ input: child.stdout }), 'line')
  const metadata = (issuer: string): BenchMetadata => ({ issuer, registration_endpoint: `${issuer}/register` })
  return {
    usual: metadata(String(url)),
    huge: metadata(`${String(url)}/huge`),
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await ended
    },
  }
}
