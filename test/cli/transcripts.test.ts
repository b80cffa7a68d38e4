import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { registrant } from './run.ts'
import { play, steady, stepsOf } from './transcript.ts'

const page = await readFile(new URL('../../docs/command-line.md', import.meta.url), 'utf8')

test('the commands of the page print what the page says, and no secret', { timeout: 120_000 }, async () => {
  const steps = stepsOf(page)
  const { printed, secrets } = await play(steps.map(({ command }) => command))
  for (const [index, { command, printed: told }] of steps.entries())
    expect(`$ ${command}\n${steady(printed[index] ?? '')}`).toBe(`$ ${command}\n${steady(told)}`)
  for (const secret of secrets) expect(printed.join('\n')).not.toContain(secret)
})

test('every command stands on the page', async () => {
  const { out } = await registrant([], { cwd: process.cwd() })
  const names = [...out.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name = '']) => name)
  const shown = stepsOf(page).map(({ command }) => command.split(' ')[1] ?? '')
  expect(names.length).toBeGreaterThanOrEqual(14)
  expect(names.filter((name) => name !== 'completion' && !shown.includes(name))).toEqual([])
})
