import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'

/** What a user's bundler makes of one file, minified. */
async function bundled(code: string): Promise<string> {
  const entry = '\0entry'
  const bundle = await rolldown({
    input: entry,
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    platform: 'browser',
    plugins: [
      {
        name: 'entry',
        resolveId: (id, importer) => {
          if (id === entry) return id
          return importer === entry ? fileURLToPath(import.meta.resolve(id)) : undefined
        },
        load: (id) => (id === entry ? code : undefined),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  return output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('\n')
}

const names = {
  glewlwyd: 'Glewlwyd',
  hydra: 'Ory Hydra',
  keycloak: 'Keycloak',
  simpleIdServer: 'SimpleIdServer',
  springAuthorizationServer: 'Spring Authorization Server',
}

test.each(Object.entries(names))('a bundle that imports the profile %s holds no other', async (profile, name) => {
  const code = await bundled(`import { ${profile} } from '@registrant/browser/profiles'\nconsole.log(${profile})`)
  expect(Object.values(names).filter((other) => code.includes(`"${other}"`) || code.includes(`\`${other}\``))).toEqual([
    name,
  ])
})
