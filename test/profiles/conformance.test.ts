import { profileConformance } from '@registrant/node/testing'
import type { ServerProfile } from '@registrant/node'
import { describe, expect, test } from 'vitest'

import { described } from './behaviours/index.ts'

describe.each(Object.entries(described))(
  'the profile %s, at what its server was seen to do',
  (_, { profile, behaviour }) => {
    test.each(profileConformance(profile, behaviour).map(({ name, run }) => [name, run] as const))(
      '%s',
      async (_name, run) => run(),
    )
  },
)

/** Which cases fail, by name. */
async function failing(profile: ServerProfile, name: string): Promise<string[]> {
  const behaviour = described[name]?.behaviour
  if (behaviour === undefined) throw new Error(`there is no behaviour of ${name}`)
  const cases = profileConformance(profile, behaviour).map(async (it) => {
    const failed = await it.run().then(
      () => false,
      () => true,
    )
    return failed ? [it.name] : []
  })
  return (await Promise.all(cases)).flat()
}

const members = Object.entries(described).flatMap(([name, { profile }]) =>
  Object.keys(profile)
    .filter((member) => member !== 'name')
    .map((member) => [name, member] as const),
)

test.each(members)('%s without its %s fails a case', async (name, member) => {
  const profile = described[name]?.profile
  const { [member as keyof ServerProfile]: _, ...less } = { name: '', ...profile }
  expect(await failing({ ...less, name: profile?.name ?? '' }, name)).not.toEqual([])
})
