import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

import { Advice } from './settings.ts'

const variable = 'REGISTRANT_CLIENT_SECRET'

/** The secret of the client that pays: from the environment, or typed or piped in. Never from the command line. */
export async function readClientSecret(clientId: string): Promise<string> {
  const secret = process.env[variable] || (await (process.stdin.isTTY ? typed(clientId) : piped()))
  if (secret === '') throw new Advice(`The secret of ${clientId} is missing: put it into ${variable}, or pipe it in.`)
  return secret
}

/** What is typed is not shown. */
async function typed(clientId: string): Promise<string> {
  process.stderr.write(`Secret of ${clientId}: `)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  lines.once('SIGINT', () => process.exit(130))
  const line = await lines.question('')
  lines.close()
  process.stderr.write('\n')
  return line
}

async function piped(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line
  return ''
}
