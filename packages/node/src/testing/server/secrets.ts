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

/** Every secret in an answer, which is a JSON text or its value. */
export function secretsIn(answer: unknown): string[] {
  if (typeof answer === 'string') return secretsIn(parsed(answer))
  if (typeof answer !== 'object' || answer === null) return []
  return Object.entries(answer).flatMap(([member, value]) => {
    if (typeof value !== 'string') return secretsIn(value)
    return secretMembers.has(member) ? [value] : []
  })
}

/** The secrets that a server issued. */
export class IssuedSecrets {
  readonly #secrets: Set<string> = new Set()

  /** Remembers every secret in an answer, which is a JSON text or its value. */
  rememberFrom(answer: unknown): void {
    for (const secret of secretsIn(answer)) this.#secrets.add(secret)
  }

  /** Each secret once, oldest first. */
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
