import { readFileSync } from 'node:fs'

const declarations = new URL('../../packages/core/dist/types/client/client.d.ts', import.meta.url)

/** What the docstring of a method of `RegistrationClient` says that it throws: class to codes, rules and outcomes. */
export function documentedThrows(method: string): Map<string, Set<string>> {
  const lines = readFileSync(declarations, 'utf8')
  const [docstring = ''] =
    lines
      .split(new RegExp(`\\n +${method}\\(`))[0]
      ?.split('/**')
      .slice(-1) ?? []
  const throws = docstring.split('@throws').slice(1)
  return new Map(
    throws.map((text) => {
      const [, name = ''] = /\{(\w+)\}/.exec(text) ?? []
      return [name, new Set([...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word))]
    }),
  )
}
