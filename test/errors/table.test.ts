import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type {
  InvalidRequestError,
  NotSupportedError,
  PolicyError,
  ServerRefusedError,
  StateError,
  StoreError,
  TransportError,
  UnexpectedAnswerError,
} from '@registrant/core'
import { deviationRules, policyRules } from '@registrant/core/exchange'
import { describe, expect, test } from 'vitest'

import { documentedThrows, hoverOf } from '../support/documented.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(`${root}docs/errors.md`, 'utf8')
const [, errors = '', deviations = ''] = page.split(/^## (?:What happened|Deviations).*$/m)

/** The cells of each line of a table, without its head. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
const words = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
const rows = rowsOf(errors).slice(1)

/** The text of the docstrings, as an editor shows it. */
const hover = ['errors', 'server-errors'].map(hoverOf).join()

type AnyError =
  | InvalidRequestError
  | NotSupportedError
  | PolicyError
  | ServerRefusedError
  | StateError
  | StoreError
  | TransportError
  | UnexpectedAnswerError

/** Every code that a class of ours may have. Does not compile when one is missing, or is none. */
const codes = Object.keys({
  'invalid-request': true,
  transport: true,
  aborted: true,
  'server-refused': true,
  'unexpected-answer': true,
  policy: true,
  'not-managed': true,
  'no-registration-endpoint': true,
  unsupported: true,
  'store-unavailable': true,
  'store-corrupt': true,
  'store-denied': true,
  'store-unknown': true,
  deleting: true,
  deleted: true,
  missing: true,
  suspect: true,
  forgotten: true,
  'attempts-spent': true,
  'newer-schema': true,
  closed: true,
} satisfies Record<AnyError['code'], true>)

describe('the table of errors', () => {
  test('has a line for each code and each rule, and no other', () => {
    const lines = rows.map(([what]) => words(what))
    expect(new Set(lines.map(([code]) => code))).toEqual(new Set(codes))
    expect(new Set(lines.filter(([code]) => code === 'policy').map(([, rule]) => rule))).toEqual(new Set(policyRules))
    for (const code of ['transport', 'server-refused', 'unexpected-answer']) {
      for (const [, outcome = ''] of lines.filter(([first]) => first === code))
        expect(['not-sent', 'refused', 'unknown', 'accepted']).toContain(outcome)
    }
  })

  test.for(rows.map(([what = '', ...texts]) => [what, texts] as const))(
    'says of %s what an editor shows',
    ([what, texts]) => {
      expect(texts).toHaveLength(3)
      for (const text of texts) expect(text).toMatch(/^[A-Z`].*[.]$/)
      expect(hover).toContain(`- ${what}: ${texts.join(' ')}`)
    },
  )

  test('has a line for everything that a method of the client says it throws', () => {
    const known = new Set(rows.flatMap(([what]) => words(what)))
    for (const method of ['discover', 'register', 'read', 'update', 'delete']) {
      const thrown = documentedThrows(method)
      expect(thrown.size).toBeGreaterThan(2)
      for (const name of ['PolicyError', 'NotSupportedError', 'TransportError', 'UnexpectedAnswerError'])
        for (const word of thrown.get(name) ?? []) expect([...known], `${method}: ${name}`).toContain(word)
    }
  })
})

describe('the methods of the manager', () => {
  const methods = ['ensure', 'watch', 'reportRejected', 'authentication', 'delete', 'rotate', 'read']
  const states = ['deleting', 'deleted', 'missing', 'suspect', 'forgotten', 'attempts-spent', 'newer-schema']
  const said = methods.map((method) => [method, documentedThrows(method, 'manager/manager')] as const)

  test('name no code that the table does not have', () => {
    for (const [method, thrown] of said) {
      expect(thrown.size, method).toBeGreaterThan(0)
      for (const [type, named] of thrown)
        for (const word of named)
          if (word.includes('-') || type === 'StateError')
            expect([...codes, ...policyRules], `${method}: ${type}`).toContain(word)
    }
  })

  test('name each state that they stop at', () => {
    const named = new Set(said.flatMap(([, thrown]) => [...thrown.values()].flatMap((all) => [...all])))
    for (const state of states) expect([...named], state).toContain(state)
  })
})

test('the table of deviations has a line for each rule that is reported, and no other', () => {
  const told = rowsOf(deviations)
    .slice(1)
    .map(([rule]) => words(rule)[0])
  expect(new Set(told)).toEqual(new Set<string | undefined>(deviationRules))
})
