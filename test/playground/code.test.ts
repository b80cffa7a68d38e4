// The code that the playground writes is code: it compiles, and registers what was typed.
import { runInNewContext } from 'node:vm'

import { expect, test } from 'vitest'

import { codeFor } from '../../docs/playground/code.ts'
import type { Place } from '../../docs/playground/code.ts'
import { judgeDocument, documentCode } from '../../docs/playground/document.ts'
import { exampleNamed, examples } from '../../docs/playground/examples.ts'
import { judge } from '../../docs/playground/judge.ts'
import { literal } from '../../docs/playground/literal.ts'
import { asCurl } from '../../docs/playground/request.ts'
import { compile } from '../support/compile.ts'

const right = examples.filter(({ name }) => name !== 'broken').map(({ name }) => exampleNamed(name))

test.each<Place>(['node', 'page', 'library'])('the code for each example compiles: %s', (place) => {
  const imports = new Set<string>()
  const bodies = right.map((state, index) => {
    const lines = codeFor(place, state, judge(state)).split('\n')
    for (const line of lines) if (line.startsWith('import ')) imports.add(line)
    return `export async function example${index}() {\n${lines.filter((line) => !line.startsWith('import ')).join('\n')}\n}`
  })
  const environment = 'declare const process: { env: Record<string, string | undefined> }'
  const { errors } = compile([...imports, environment, ...bodies].join('\n'))
  expect(errors).toEqual([])
})

test('the code for a page takes no answer for a token that refuses one', async () => {
  const state = { ...exampleNamed('page'), token: 'yes' as const }
  const [source] = /async accessToken[^]*?^  \},/m.exec(codeFor('page', state, judge(state))) ?? []
  const refuse = async (): Promise<Response> => new Response('{"error":"log in first"}', { status: 401 })
  await expect(runInNewContext(`({ ${source} }).accessToken({})`, { fetch: refuse })).rejects.toThrow('401')
})

test('the code that serves a document compiles', () => {
  const { built } = judgeDocument(exampleNamed('mcp'))
  if ('problem' in built) throw new Error(built.problem)
  expect(compile(documentCode(built.document)).errors).toEqual([])
})

test.each([
  [{}],
  [{ "it's": 'a "quoted" thing', 'client_name#fr': "l'été\n", n: [1, true, null, [], {}] }],
  [{ text: '\\ and \u2028 and `', list: Array.from({ length: 40 }, (_, index) => `item ${index}`) }],
])('a literal says what it was made of', (value) => {
  expect(runInNewContext(`JSON.stringify(${literal(value)})`)).toBe(JSON.stringify(value))
})

test('a command for a shell quotes what is said, and takes the token from its environment', () => {
  const command = asCurl({
    method: 'POST',
    url: 'https://as.example/register',
    headers: { accept: 'application/json', authorization: 'Bearer INITIAL_ACCESS_TOKEN' },
    body: `{"client_name":"It's $HOME"}`,
  })
  expect(command).toContain(`--data-raw '{"client_name":"It'\\''s $HOME"}'`)
  expect(command).toContain('-H "authorization: Bearer $INITIAL_ACCESS_TOKEN"')
})
