import { randomBytes } from 'node:crypto'

/** The members of an answer that nobody may ever print. */
const secretMembers = new Set([
  'access_token',
  'refresh_token',
  'id_token',
  'client_secret',
  'registration_access_token',
  'initial_access_token',
])

/** A secret that occurs nowhere else. */
export const newSecret = (): string => randomBytes(24).toString('base64url')

/** What a server issued. */
export class IssuedSecrets {
  readonly #secrets: Set<string> = new Set()

  /** Remembers every secret in an answer: a JSON text or what it says. */
  rememberFrom(answer: unknown): void {
    if (typeof answer === 'string') return this.rememberFrom(parsed(answer))
    if (typeof answer !== 'object' || answer === null) return
    for (const [member, value] of Object.entries(answer)) {
      if (typeof value !== 'string') this.rememberFrom(value)
      else if (secretMembers.has(member)) this.#secrets.add(value)
    }
  }

  /** Each once, oldest first. */
  all(): string[] {
    return [...this.#secrets]
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? undefined : value
  } catch {
    return undefined
  }
}
