import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** The members of an answer that nobody may ever print. */
const secretMembers = new Set([
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'registration_access_token',
  'initial_access_token',
])

/** Shorter ones are words that a test wrote, and words are found everywhere. */
const shortest = 12

/** What one server issued. */
export interface Canaries {
  /** Remembers a secret, and writes it to the run's list of what no output may hold. */
  remember(secret: string): void
  /** Remembers every secret in an answer: a JSON text or what it says. */
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
  const rememberFrom = (answer: unknown): void => {
    if (typeof answer === 'string') return rememberFrom(parsed(answer))
    if (typeof answer !== 'object' || answer === null) return
    for (const [member, value] of Object.entries(answer)) {
      if (typeof value !== 'string') rememberFrom(value)
      else if (secretMembers.has(member)) remember(value)
    }
  }
  return { remember, rememberFrom, all: () => [...secrets] }
}

/** A secret that occurs nowhere else. */
export function canary(): string {
  return randomBytes(24).toString('base64url')
}

function writeDown(secret: string): void {
  const folder = process.env['REGISTRANT_CANARIES']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  appendFileSync(join(folder, `${process.pid}.txt`), `${secret}\n`)
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? undefined : value
  } catch {
    return undefined
  }
}
