import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { canary } from '@registrant/test/servers'
import { afterEach, expect, test } from 'vitest'

const search = fileURLToPath(new URL('../../packages/tools/check/canaries.mjs', import.meta.url))
const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

/** Runs the search over these secrets and texts. */
async function searched(secrets: string[], shown: string[]): Promise<{ code: number; out: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'registrant-'))
  folders.push(folder)
  for (const name of ['secrets', 'shown']) await mkdir(join(folder, name))
  if (secrets.length > 0) await writeFile(join(folder, 'secrets', '1.txt'), `${secrets.join('\n')}\n`)
  for (const [index, text] of shown.entries()) await writeFile(join(folder, 'shown', `${index}.txt`), text)
  return new Promise((resolve) => {
    execFile(process.execPath, [search, join(folder, 'secrets'), join(folder, 'shown')], (error, out) =>
      resolve({ code: Number(error?.code ?? 0), out }),
    )
  })
}

const lines = (line: string): string => `${'nothing here\n'.repeat(500)}${line}\n${'nor here\n'.repeat(500)}`

test.for([
  ['alone in a line', (secret: string) => secret],
  ['in the middle of a word', (secret: string) => `before${secret}after`],
  ['as a URL spells it', (secret: string) => `?t=${encodeURIComponent(secret)}`],
  ['at the very end', (secret: string) => secret],
] as const)('a planted secret is found %s, and is not shown again', async ([, plant]) => {
  const secrets = [canary(), `${canary()}/+=`, canary()]
  for (const secret of secrets) {
    const { code, out } = await searched(secrets, ['innocent', lines(plant(secret))])
    expect(code).toBe(1)
    expect(out).toContain(': 1 hits')
    expect(out).toContain('1.txt, line 501')
    expect(out.includes(secret)).toBe(false)
  }
})

test('where no secret is shown there are no hits', async () => {
  const { code, out } = await searched([canary(), canary()], [lines(canary()), lines(canary().slice(0, 11))])
  expect(code).toBe(0)
  expect(out).toContain('2 secrets were issued, 0.0 MB were shown: 0 hits')
})

test('a run without a secret, or without a word, proves nothing and fails', async () => {
  expect((await searched([], ['text'])).code).toBe(1)
  expect((await searched([canary()], [])).code).toBe(1)
})
