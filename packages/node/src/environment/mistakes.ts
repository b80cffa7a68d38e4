import { InvalidRequestError } from '@registrant/core'
import type { Finding } from '@registrant/core'

/** The mistakes in a configuration, collected so that all are told at once. */
export class Mistakes {
  readonly #findings: Finding[] = []

  /** Notes where something is wrong, and what to do. No value of a secret may stand in the message. */
  add(member: string, message: string): void {
    this.#findings.push({ member, message, rule: 'option', level: 'MUST', source: 'options' })
  }

  /** Where something is wrong, as noted so far. */
  get noted(): Set<string | undefined> {
    return new Set(this.#findings.map(({ member }) => member))
  }

  /** @throws {InvalidRequestError} something is wrong; `findings` lists all of it */
  refuse(): void {
    if (this.#findings.length > 0) throw new InvalidRequestError(this.#findings)
  }
}

/** Says that a text is not JSON, and in which line and column. The text is not repeated, since it may be a secret. */
export function notJson(what: string, { message }: SyntaxError): string {
  const [place = ''] = /\(line \d+ column \d+\)/.exec(message) ?? []
  return `${what} is not JSON${place && ` ${place}`}.`
}

/**
 * Decodes bytes as UTF-8, without a byte order mark; `undefined` where they are no UTF-8, since with replacement characters
 * the text would be another value.
 */
export function textIn(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // UTF-16 may be valid UTF-8 all the same, and then holds null characters.
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

export const notText = (what: string): string => `${what} is no text in UTF-8. Write it in that encoding.`

/** The code of an error of the system. */
export const codeOf = (error: unknown): string => String(Object(error).code ?? 'no reason given')

/** The name that somebody may have meant: the one that differs in the fewest letters, if these are few. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((known) => ({ known, letters: distance(name, known) }))
    .toSorted((one, other) => one.letters - other.letters)
  return best && best.letters > 0 && best.letters <= Math.max(1, name.length / 5) ? best.known : undefined
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of one.split('').entries()) {
    const next = [index + 1]
    for (const [column, its] of other.split('').entries()) {
      const changed = (row[column] ?? 0) + (letter === its ? 0 : 1)
      next.push(Math.min((next[column] ?? 0) + 1, (row[column + 1] ?? 0) + 1, changed))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
