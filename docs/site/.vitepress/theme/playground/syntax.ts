// Where something stands in a text of JSON, by its syntax tree.
import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { SyntaxNode, Tree } from '@lezer/common'

import type { Path } from '../../../../playground/schema.ts'

interface Range {
  from: number
  to: number
}

/** What may be written at a place, and what of it stands there already. */
export type Place = Range & {
  path: Path
  /** Whether something was begun there, be it a quotation mark. */
  isOpen: boolean
} & ({ kind: 'member'; present: string[]; isNamed: boolean } | { kind: 'value' })

/** The place of a member of the whole; of the first mistake where none is named; `undefined` where there is none. */
export function rangeOf(state: EditorState, member: string | undefined): Range | undefined {
  const tree = syntaxTree(state)
  if (member === undefined) return firstMistake(tree, state)
  const top = tree.topNode.getChild('Object')
  const found = top?.getChildren('Property').findLast((it) => nameOf(it, state) === member)
  const name = found?.getChild('PropertyName')
  return name ? { from: name.from, to: name.to } : undefined
}

function firstMistake(tree: Tree, state: EditorState): Range {
  let found: Range | undefined
  tree.iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) found ??= { from, to }
      return found === undefined
    },
  })
  const { length } = state.doc
  const { from, to } = found ?? { from: 0, to: length }
  // Nothing is no place that can be marked.
  return from === to ? { from: Math.max(0, Math.min(from, length) - 1), to: Math.min(to + 1, length) } : { from, to }
}

/** The member whose name stands at a place. */
export function memberAt(tree: Tree, state: EditorState, at: number): (Range & { path: Path }) | undefined {
  const node = tree.resolveInner(at, 0)
  if (node.name !== 'PropertyName' || node.parent === null) return undefined
  return { from: node.from, to: node.to, path: pathOf(node.parent, state) }
}

/** What may be written at a place. */
export function placeAt(state: EditorState, at: number): Place | undefined {
  let node = syntaxTree(state).resolveInner(at, -1)
  if (node.type.isError && node.parent !== null) node = node.parent
  const word = wordAt(state, at)
  const own = node.to >= at && /^(?:PropertyName|String)$/.test(node.name) ? { from: node.from, to: node.to } : word
  const open = { ...own, isOpen: own.from < at }
  if (node.name === 'PropertyName') {
    const object = node.parent?.parent
    if (object === null || object === undefined) return undefined
    const isNamed = node.parent?.getChild(':') !== null && /^\s*:/.test(state.sliceDoc(node.to, node.to + 20))
    return { ...open, kind: 'member', path: pathOf(object, state), present: namesIn(object, state, node), isNamed }
  }
  if (node.name === 'Object' || node.name === '{') return inObject(node.name === '{' ? node.parent : node, state, open)
  if (/^(?:Property|Array|String|True|False|Number|Null|\[)$/.test(node.name)) return inValue(node, state, open)
  return undefined
}

function inObject(object: SyntaxNode | null, state: EditorState, open: Range & { isOpen: boolean }): Place | undefined {
  if (object === null) return undefined
  const last = object.childBefore(open.from)
  // A name without its value, and blanks.
  if (last?.name === 'Property' && /:\s*$/.test(state.sliceDoc(last.from, open.from))) return inValue(last, state, open)
  return { ...open, kind: 'member', path: pathOf(object, state), present: namesIn(object, state), isNamed: false }
}

function inValue(node: SyntaxNode, state: EditorState, open: Range & { isOpen: boolean }): Place {
  const isList = node.name === 'Array' || node.name === '['
  const list = node.name === '[' ? node.parent : isList ? node : undefined
  return { ...open, kind: 'value', path: list ? [...pathOf(list, state), 0] : pathOf(node, state) }
}

/** What was begun before a place: a word, perhaps with its quotation mark. */
function wordAt(state: EditorState, at: number): Range {
  const line = state.doc.lineAt(at)
  const [begun = ''] = /"?[\w#.+-]*$/.exec(line.text.slice(0, at - line.from)) ?? []
  return { from: at - begun.length, to: at }
}

const namesIn = (object: SyntaxNode, state: EditorState, but?: SyntaxNode): string[] =>
  object.getChildren('Property').flatMap((it) => (but !== undefined && it.from === but.from ? [] : [nameOf(it, state)]))

function nameOf(property: SyntaxNode, state: EditorState): string {
  const name = property.getChild('PropertyName')
  const text = name === null ? '' : state.sliceDoc(name.from, name.to)
  try {
    return String(JSON.parse(text))
  } catch {
    return text.replaceAll('"', '')
  }
}

/** The way from the whole to a node. */
function pathOf(node: SyntaxNode, state: EditorState): Path {
  const path: (string | number)[] = []
  for (let at: SyntaxNode | null = node; at !== null; at = at.parent) {
    if (at.name === 'Property') path.unshift(nameOf(at, state))
    else if (at.parent?.name === 'Array') path.unshift(0)
  }
  return path
}
