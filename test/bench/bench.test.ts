import { expect, test } from 'vitest'

import { pageNow } from './docs.ts'
import { inTurns, ratioOf, spreadOf } from './turns.ts'

test('the page of figures says what was saved last', async () => {
  const { is, wouldBe } = await pageNow()
  expect(is).toBe(wouldBe)
})

test('ways take turns, and the first round only warms', async () => {
  const asked: string[] = []
  const way = (name: string) => () => ({ cpu: asked.push(name) })
  const taken = await inTurns({ a: way('a'), b: way('b') }, 2)
  expect(asked).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
  expect(taken.get('a')).toEqual([{ cpu: 3 }, { cpu: 5 }])
})

test('a ratio is that of samples of one round, so that a slow moment of the machine is in both', () => {
  const [ours, theirs] = [
    [{ cpu: 2 }, { cpu: 20 }, { cpu: 2 }],
    [{ cpu: 1 }, { cpu: 10 }, { cpu: 1 }],
  ]
  expect(ratioOf(ours, theirs, 'cpu')).toEqual({ median: 2, low: 2, high: 2 })
  expect(spreadOf([5, 1, 9, 3, 7])).toEqual({ median: 5, low: 3, high: 7 })
})
