import { expect, test } from 'vitest'

import { outcomesOf } from './behaviour/case.ts'
import { clientCases } from './behaviour/client.ts'
import { fileCases } from './behaviour/files.ts'
import { managerCases } from './behaviour/manager.ts'
import { roomCases } from './behaviour/rooms.ts'
import { pageNow } from './page.ts'
import { startServers } from './start-servers.ts'

test('what is tried in every runtime is so in this one', async () => {
  await using started = await startServers()
  const outcomes = await outcomesOf([...clientCases, ...managerCases, ...roomCases, ...fileCases], started.servers)
  expect(outcomes.filter((outcome) => outcome.failed !== undefined)).toEqual([])
  expect(outcomes.length).toBeGreaterThan(20)
}, 60_000)

test('the page of runtimes says what was seen last, and that all is well', async () => {
  const { is, wouldBe } = await pageNow()
  expect(is).toBe(wouldBe)
  expect(is).not.toContain('✗')
})
