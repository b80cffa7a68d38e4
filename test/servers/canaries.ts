import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { newSecret, secretsIn } from '../../packages/node/src/testing/server/secrets.ts'

/** Shorter secrets are words that a test wrote, and words are found everywhere. */
const shortest = 12

/** The secrets that one server issued. */
export interface Canaries {
  /** Remembers a secret, and writes it to the run's list of what no output may hold. */
  remember(secret: string): void
  /** Remembers every secret in an answer, which is a JSON text or its value. */
  rememberFrom(answer: unknown): void
  /** Every secret so far, each once. */
  all(): string[]
}

/**
 * Keeps what a server issues, so that output can be searched for it. With `REGISTRANT_CANARIES` naming a folder, each
 * process appends its secrets to a file of its own there, one a line: the output of a whole run is searched for them.
 */
export function collectCanaries(): Canaries {
  const secrets = new Set<string>()
  const remember = (secret: string): void => {
    if (secret.length < shortest || secrets.has(secret)) return
    secrets.add(secret)
    writeDown(secret)
  }
  const rememberFrom = (answer: unknown): void => secretsIn(answer).forEach(remember)
  return { remember, rememberFrom, all: () => [...secrets] }
}

/** A secret that occurs nowhere else. */
export const canary = newSecret

function writeDown(secret: string): void {
  const folder = process.env['REGISTRANT_CANARIES']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  appendFileSync(join(folder, `${process.pid}.txt`), `${secret}\n`)
}
