import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import { documentedThrows } from '../support/documented.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(`${root}docs/errors.md`, 'utf8')
const [, errors = '', deviations = ''] = page.split(/^## (?:What happened|Deviations).*$/m)
const sources = globSync('packages/*/src/**/*.ts', { cwd: root }).map(
  (path) => [path, readFileSync(`${root}${path}`, 'utf8')] as const,
)
const source = sources.map(([, text]) => text).join('\n')

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

/** The text of the docstrings, as an editor shows it: one line. */
const hover = ['errors', 'server-errors']
  .map((file) => readFileSync(`${root}packages/core/dist/types/${file}.d.ts`, 'utf8'))
  .join()
  .replaceAll(/\s*\n \* */g, ' ')

/** Every code that a class of ours may have. */
const codes = [...source.matchAll(/^ {2}(?:declare )?readonly code(?:: | = )(.+)$/gm)].flatMap(([, types = '']) =>
  [...types.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code),
)
/** Every rule that something is refused with. */
const rules = [
  ...source.matchAll(/new PolicyError\([\s\S]{1,900}?\brule: '([a-z-]+)'/g),
  ...readFileSync(`${root}packages/core/src/exchange/policy.ts`, 'utf8').matchAll(/^ {4}'([a-z-]+)':/gm),
].map(([, rule = '']) => rule)
/** Every rule that an exchange reports. */
const reported = sources
  .filter(([path]) => path.includes('/exchange/') && !path.endsWith('/policy.ts'))
  .flatMap(([, text]) => [
    ...text.matchAll(/\breport\((?:\w+, |'\w+', |)\s*'([a-z-]+)'/g),
    ...text.matchAll(/\breport\(\s*'\w+',\s*'([a-z-]+)'/g),
    ...text.matchAll(/rule: \w+ \? '([a-z-]+)' : '[a-z-]+', message/g),
    ...text.matchAll(/rule: \w+ \? '[a-z-]+' : '([a-z-]+)', message/g),
    ...text.matchAll(/\{(?: member,)? rule: '([a-z-]+)', message/g),
    ...text.matchAll(/member(?:: '\w+')?,\s+rule: '([a-z-]+)',\s+message/g),
  ])
  .map(([, rule = '']) => rule)

describe('the table of errors', () => {
  test('has a line for each code and each rule, and no other', () => {
    expect(codes.length).toBeGreaterThan(15)
    expect(rules.length).toBeGreaterThan(7)
    const lines = rows.map(([what]) => words(what))
    expect(new Set(lines.map(([code]) => code))).toEqual(new Set(codes))
    expect(new Set(lines.filter(([code]) => code === 'policy').map(([, rule]) => rule))).toEqual(new Set(rules))
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

test('the table of deviations has a line for each rule that is reported, and no other', () => {
  const told = rowsOf(deviations)
    .slice(1)
    .map(([rule]) => words(rule)[0])
  expect(told.length).toBeGreaterThan(15)
  expect(new Set(told)).toEqual(new Set(reported))
})
