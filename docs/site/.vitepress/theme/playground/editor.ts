// The editor of JSON: loaded after the first paint.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, snippet } from '@codemirror/autocomplete'
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, indentOnInput, syntaxHighlighting, syntaxTree } from '@codemirror/language'
import { setDiagnostics } from '@codemirror/lint'
import type { Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, hoverTooltip, keymap } from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'

import { membersAt, schemaAt, valuesAt } from '../../../../playground/schema.ts'
import type { JsonSchema, Suggestion } from '../../../../playground/schema.ts'
import { memberAt, placeAt, rangeOf } from './syntax.ts'

/** Something to mark in the text. */
export interface Mark {
  /** The member that it is about; the place of the first mistake in the syntax where it is none. */
  member: string | undefined
  severity: 'error' | 'warning' | 'info'
  message: string
}

/** An editor in the page. */
export interface Editor {
  /** Shows another text; the same one changes nothing. */
  setText(text: string): void
  mark(marks: readonly Mark[]): void
  /** Brings the cursor to a member. */
  goTo(member: string): void
  close(): void
}

/** What an editor is made with. */
export interface EditorOptions {
  parent: HTMLElement
  text: string
  /** Its name for a screen reader. */
  label: string
  /** The element that says what is wrong with it. */
  describedBy: string
  schema?: JsonSchema | undefined
  onChange: (text: string) => void
}

export function createEditor({ parent, text, label, describedBy, schema, onChange }: EditorOptions): Editor {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        json(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        syntaxHighlighting(classHighlighter),
        EditorView.lineWrapping,
        // Tab leaves the editor, as everybody expects who has no mouse.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': describedBy, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString())
        }),
        ...(schema === undefined ? [] : explained(schema)),
      ],
    }),
  })
  return {
    setText(next) {
      if (next === view.state.doc.toString()) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } })
    },
    mark(marks) {
      const found = marks.flatMap(({ member, severity, message }): Diagnostic[] => {
        const range = rangeOf(view.state, member)
        return range === undefined ? [] : [{ ...range, severity, message }]
      })
      view.dispatch(setDiagnostics(view.state, found))
    },
    goTo(member) {
      const { from } = rangeOf(view.state, member) ?? { from: 0 }
      view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
      view.focus()
    },
    close: () => view.destroy(),
  }
}

/** Completion and explanation by a schema. */
const explained = (schema: JsonSchema) => [
  autocompletion({ override: [(context) => complete(schema, context)], icons: false }),
  hoverTooltip((view, at) => {
    const member = memberAt(syntaxTree(view.state), view.state, at)
    const found = member && schemaAt(schema, member.path)
    const description = found?.description
    if (member === undefined || description === undefined) return null
    return { pos: member.from, end: member.to, create: () => ({ dom: explanation(description) }) }
  }),
]

function complete(schema: JsonSchema, context: CompletionContext): CompletionResult | null {
  const place = placeAt(context.state, context.pos)
  if (place === undefined || (!context.explicit && place.from === context.pos && !place.isOpen)) return null
  const found = place.kind === 'member' ? membersAt(schema, place.path, place.present) : valuesAt(schema, place.path)
  if (found.length === 0) return null
  const options = found.map((it) => completion(it, place.kind === 'member' && place.isNamed))
  return { from: place.from, to: place.to, options, filter: true, validFor: /^"?[\w:#.+-]*"?$/ }
}

function completion({ label, insert, detail, info }: Suggestion, isNameOnly: boolean): Completion {
  return {
    label: `"${label}"`,
    displayLabel: label,
    ...(detail === undefined ? {} : { detail }),
    ...(info === undefined ? {} : { info: () => explanation(info) }),
    apply: isNameOnly ? JSON.stringify(label) : (view, it, from, to) => snippet(insert)(view, it, from, to),
  }
}

/** A docstring: what stands between grave accents is code. */
function explanation(text: string): HTMLElement {
  const dom = document.createElement('div')
  dom.className = 'playground-explanation'
  for (const [index, part] of text.split('`').entries()) {
    const element = document.createElement(index % 2 === 1 ? 'code' : 'span')
    element.textContent = part
    dom.append(element)
  }
  return dom
}
