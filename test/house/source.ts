import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { parseSync } from 'rolldown/utils'

/** One file of the source of core, as a parser reads it. */
export interface SourceFile {
  /** Its path in `src`. */
  path: string
  /** Without the examples in its docstrings. */
  lines: number
  /** The files of core that it imports: for a type alone, and late, too. */
  imports: string[]
  lateImports: number
  /** Whether anything in it waits. */
  awaits: boolean
  /** What it declares at its top. */
  names: string[]
}

const core = fileURLToPath(new URL('../../packages/core/src', import.meta.url))

const examples = /^ *\* @example\n *\* ```\w*\n[^]*?^ *\* ```\n/gm

export const sources: readonly SourceFile[] = globSync('**/*.ts', { cwd: core }).toSorted().map(read)

function read(path: string): SourceFile {
  const text = readFileSync(join(core, path), 'utf8')
  const { program, module } = parseSync(path, text)
  const named = [...module.staticImports, ...module.staticExports.flatMap(({ entries }) => entries)].flatMap(
    ({ moduleRequest }) => moduleRequest?.value ?? [],
  )
  const late = module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1))
  return {
    path,
    lines: text.replaceAll(examples, '').trimEnd().split('\n').length,
    imports: [...new Set([...named, ...late])]
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative(core, join(core, dirname(path), specifier))),
    lateImports: late.length,
    awaits: waits(program),
    names: program.body.flatMap((statement) => declaredIn(statement)),
  }
}

/** Whether a syntax tree waits for anything. */
function waits(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  if ('type' in node && node.type === 'AwaitExpression') return true
  return ('async' in node && node.async === true) || Object.values(node).some(waits)
}

type Statement = ReturnType<typeof parseSync>['program']['body'][number]

function declaredIn(statement: Statement): string[] {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
      return statement.declaration === null ? [] : declaredIn(statement.declaration)
    case 'VariableDeclaration':
      return statement.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? id.name : []))
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return statement.id === null ? [] : [statement.id.name]
    default:
      return []
  }
}

/** Files that import each other in a circle, each circle once. */
export function circles(files: readonly SourceFile[]): string[][] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const found: string[][] = []
  const visit = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path)
    if (at >= 0) found.push([...way.slice(at), path])
    if (at >= 0 || done.has(path)) return
    for (const next of byPath.get(path)?.imports ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return found
}
