import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { pages } from '../servers/pages.ts'

const folder = join(import.meta.dirname, '../../docs/servers')

test('docs/servers says what the profiles say (node test/servers/pages.ts writes it)', async () => {
  for (const [name, text] of Object.entries(pages()))
    expect(await readFile(join(folder, name), 'utf8'), name).toBe(text)
})

test('docs/servers has no page of a server that has no profile', async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.md') && file !== 'write-your-own.md')
  expect(files.toSorted()).toEqual(Object.keys(pages()).toSorted())
})
