// What a package brings along, as its package.json and a user's bundler say.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { bundled } from '../support/bundled.ts'

interface Manifest {
  name: string
  private?: boolean
  license: string
  sideEffects?: boolean
  dependencies?: Record<string, string>
  scripts?: Record<string, string>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const manifests = globSync('packages/*/package.json', { cwd: root })
  .map((path): Manifest => JSON.parse(readFileSync(root + path, 'utf8')))
  .filter((manifest) => manifest.private !== true)

test.each(manifests)(
  '$name has at most three runtime dependencies, and runs nothing when it is installed',
  (manifest) => {
    expect(Object.keys(manifest.dependencies ?? {}).length).toBeLessThanOrEqual(3)
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => /install|prepare/.test(name))).toEqual([])
    expect(manifest).toMatchObject({ license: 'MIT', sideEffects: false })
  },
)

test('who imports one name gets what that needs, and nothing else', async () => {
  const [entry] = await bundled(`import { memoryStore } from '@registrant/core'\nglobalThis.made = memoryStore`)
  // Half a kilobyte: the store alone. What could be loaded later is not part of the page.
  expect(entry?.code.length).toBeLessThan(500)
  expect(entry?.imports).toEqual([])
  expect(entry?.code).not.toContain('import(')
})
