import { expect, test } from 'vitest'

import { described } from './behaviours/index.ts'
import { bundled } from '../support/bundled.ts'

const names = Object.fromEntries(Object.entries(described).map(([profile, it]) => [profile, it.profile.name]))

test.each(Object.entries(names))('a bundle that imports the profile %s holds no other', async (profile, name) => {
  const chunks = await bundled(`import { ${profile} } from '@registrant/browser/profiles'\nconsole.log(${profile})`)
  const code = chunks.map((it) => it.code).join('\n')
  expect(Object.values(names).filter((other) => code.includes(`"${other}"`) || code.includes(`\`${other}\``))).toEqual([
    name,
  ])
})
