import { expect, test } from 'vitest'

import { bundled } from '../support/bundled.ts'

const names = {
  glewlwyd: 'glewlwyd',
  hydra: 'Ory Hydra',
  keycloak: 'Keycloak',
  simpleIdServer: 'SimpleIdServer',
  springAuthorizationServer: 'Spring Authorization Server',
}

test.each(Object.entries(names))('a bundle that imports the profile %s holds no other', async (profile, name) => {
  const chunks = await bundled(`import { ${profile} } from '@registrant/browser/profiles'\nconsole.log(${profile})`)
  const code = chunks.map((it) => it.code).join('\n')
  expect(Object.values(names).filter((other) => code.includes(`"${other}"`) || code.includes(`\`${other}\``))).toEqual([
    name,
  ])
})
