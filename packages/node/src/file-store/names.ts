/** The names of the files that belong to one key. */
export interface Names {
  /** The file of a numbered save. */
  numbered(number: number): string
  /** The file that says which numbers were removed. */
  readonly removed: string
  /** The numbers among these names, the highest first. */
  numbersIn(names: readonly string[]): number[]
}

/** Any key will do, and no two names differ in case alone; a key that is a plain name is found by it. */
export async function namesOf(key: string): Promise<Names> {
  const prefix = /^[a-z0-9_-]{1,100}$/.test(key) ? `k-${key}.` : `h-${await hash(key)}.`
  return {
    numbered: (number) => prefix + number,
    removed: `${prefix}removed`,
    numbersIn: (names) =>
      names
        .filter((name) => name.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(name.slice(prefix.length)))
        .map((name) => Number(name.slice(prefix.length)))
        .toSorted((a, b) => b - a),
  }
}

/** The name of a file that is being written; nobody looks at it until it has another one. */
export const temporaryName = (token: string): string => `${token}.temp`

export const isTemporary = (name: string): boolean => /^[0-9a-f-]{36}\.temp$/.test(name)

async function hash(key: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(key))).toString('hex')
}
