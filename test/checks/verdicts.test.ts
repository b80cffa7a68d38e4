// Requests that differ from one about which nothing can be said in one thing, with the verdict of the specifications.
import { checkRequest } from '@registrant/node/checks'
import { expect, test } from 'vitest'

import verdicts from '../data/verdicts.json' with { type: 'json' }
import { bases } from './bases.ts'

test.each(Object.entries(bases))('nothing can be said about the request %s', (_, base) => {
  expect(checkRequest(base)).toEqual([])
})

/** The base, what differs, the verdict, and the section that gives it. */
interface Verdict {
  base: string
  differs: object
  verdict: string
  section: string
}

test.each<Verdict>(verdicts)('$base with $differs: $verdict ($section)', ({ base, differs, verdict, section }) => {
  const findings = checkRequest({ ...bases[base], ...differs })
  const strictest = findings.find(({ level }) => level === 'MUST') ?? findings[0]
  expect(strictest?.level ?? 'fine').toBe(verdict)
  const sources = findings.flatMap(({ level, source }) => (level === verdict ? [source] : []))
  expect(verdict === 'fine' || sources.some((source) => source.includes(section))).toBe(true)
})

test('at least 200 requests are judged, each once', () => {
  const texts = verdicts.map(({ base, differs }) => JSON.stringify([base, differs]))
  expect(new Set(texts).size).toBe(verdicts.length)
  expect(verdicts.length).toBeGreaterThanOrEqual(200)
})
