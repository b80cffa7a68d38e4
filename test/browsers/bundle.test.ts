import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'

import { describe, expect, test } from 'vitest'

import { bundled } from '../support/bundled.ts'

const { exports }: { exports: Record<string, unknown> } = JSON.parse(
  readFileSync(new URL('../../packages/browser/package.json', import.meta.url), 'utf8'),
)
// Schemas are data.
const entryPoints = Object.keys(exports)
  .filter((entryPoint) => !entryPoint.endsWith('.json'))
  .map((entryPoint) => `@registrant/browser${entryPoint.slice(1)}`)

/** What only the code of each of these has in it, minified or not. */
const bySecret = {
  client_secret_basic: /Basic \$\{/,
  client_secret_post: /form:\{client_id:\w+,client_secret:\w+\}/,
  client_secret_jwt: /It must be HS256, HS384 or HS512/,
  client_credentials: /grant_type:[`'"]client_credentials/,
}

/** Everything that can be reached from an entry point, whatever of it is called and when. */
const allOf = (entryPoint: string): ReturnType<typeof bundled> =>
  bundled(`import * as everything from '${entryPoint}'\nglobalThis.everything = everything`)

const foundIn = (chunks: Awaited<ReturnType<typeof bundled>>): string[] =>
  Object.entries(bySecret)
    .filter(([, pattern]) => chunks.some(({ code }) => pattern.test(code)))
    .map(([method]) => method)

test.each(entryPoints)('no authentication by a shared secret can be reached from %s', async (entryPoint) => {
  expect(foundIn(await allOf(entryPoint))).toEqual([])
})

test('it would be found where it is', async () => {
  expect(foundIn(await allOf('@registrant/core'))).toEqual(Object.keys(bySecret))
})

describe('no built-in of Node, and no other package, is left to be loaded', () => {
  test.each(entryPoints)('by %s', async (entryPoint) => {
    const chunks = await allOf(entryPoint)
    const own = chunks.map(({ fileName }) => fileName)
    expect(chunks.flatMap((it) => [...it.imports, ...it.dynamicImports]).filter((it) => !own.includes(it))).toEqual([])
    const requires = new RegExp(`(?:require|import)\\([\`'"](?:node:|(?:${builtinModules.join('|')})[\`'"])`)
    expect(chunks.filter(({ code }) => requires.test(code)).map(({ fileName }) => fileName)).toEqual([])
  })
})
