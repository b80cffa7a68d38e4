import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { page, place } from './updates-page.ts'

test('docs/updates.md says of each member what the code does with it (node test/client/updates-page.ts writes it)', async () => {
  expect(await readFile(place, 'utf8')).toBe(page())
})
