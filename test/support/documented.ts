import { readFileSync } from 'node:fs'

const types = new URL('../../packages/core/dist/types/', import.meta.url)

/**
 * What the docstring of a function, or of a method of `RegistrationClient`, says that it throws: class to codes, rules
 * and outcomes.
 */
export function documentedThrows(name: string, file = 'client/client'): Map<string, Set<string>> {
  const text = readFileSync(new URL(`${file}.d.ts`, types), 'utf8')
  const [before = ''] = text.split(new RegExp(`\\n(?: +|export declare function )${name}\\(`))
  const [docstring = ''] = before.split('/**').slice(-1)
  const throws = docstring.split('@throws').slice(1)
  return new Map(
    throws.map((line) => {
      const [, type = ''] = /\{(\w+)\}/.exec(line) ?? []
      return [type, new Set([...line.matchAll(/`([a-z]+(?:-[a-z]+)+|[a-z]{6,})`/g)].map(([, word = '']) => word))]
    }),
  )
}
