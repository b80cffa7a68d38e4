import { readFileSync } from 'node:fs'

import { parseSync } from 'rolldown/utils'

const types = new URL('../../packages/core/dist/types/', import.meta.url)

/** The docstrings of a built declaration file as an editor shows them, one line each, with where they begin and end. */
function docstringsIn(file: string): { text: string; start: number; end: number }[] {
  const { comments } = parseSync(`${file}.d.ts`, readFileSync(new URL(`${file}.d.ts`, types), 'utf8'))
  return comments.map(({ value, start, end }) => {
    const lines = value.split('\n').map((line) => line.trim().replace(/^\*+ ?/, ''))
    return { text: lines.join(' ').replaceAll(/ {2,}/g, ' '), start, end }
  })
}

/** Everything that the docstrings of a file say. */
export const hoverOf = (file: string): string =>
  docstringsIn(file)
    .map(({ text }) => text)
    .join('\n')

/**
 * What the docstring of a function, or of a method of `RegistrationClient`, says that it throws: class to codes, rules
 * and outcomes.
 */
export function documentedThrows(name: string, file = 'client/client'): Map<string, Set<string>> {
  const start = startOf(name, file)
  const [docstring] = docstringsIn(file)
    .filter(({ end }) => end < start)
    .slice(-1)
  const throws = docstring?.text.split('@throws').slice(1) ?? []
  return new Map(
    throws.map((line) => {
      const [, type = ''] = /\{(\w+)\}/.exec(line) ?? []
      return [type, new Set([...line.matchAll(/`([a-z]+(?:-[a-z]+)+|[a-z]{6,})`/g)].map(([, word = '']) => word))]
    }),
  )
}

/** What the docstrings of the interfaces in a file say of each member, by its name. */
export function memberDocstrings(file: string): Map<string, string> {
  const docstrings = docstringsIn(file)
  const found = new Map<string, string>()
  for (const statement of bodyOf(file)) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declared?.type !== 'TSInterfaceDeclaration') continue
    for (const member of declared.body.body) {
      const [docstring] = docstrings.filter(({ end }) => end < member.start).slice(-1)
      if (member.type === 'TSPropertySignature' && member.key.type === 'Identifier' && docstring !== undefined)
        found.set(member.key.name, docstring.text.trim())
    }
  }
  return found
}

/** Where a function of that name, or a method, is declared. */
function startOf(name: string, file: string): number {
  for (const statement of bodyOf(file)) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declared?.type === 'TSDeclareFunction' && declared.id?.name === name) return statement.start
    if (declared?.type !== 'ClassDeclaration') continue
    for (const member of declared.body.body)
      if ('key' in member && member.key?.type === 'Identifier' && member.key.name === name) return member.start
  }
  throw new Error(`${file} declares no ${name}`)
}

const bodyOf = (file: string): ReturnType<typeof parseSync>['program']['body'] =>
  parseSync(`${file}.d.ts`, readFileSync(new URL(`${file}.d.ts`, types), 'utf8')).program.body
