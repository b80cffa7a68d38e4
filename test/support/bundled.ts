import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'
import type { OutputChunk } from 'rolldown'

/** What a user's bundler makes of one file, minified; `single`: in one chunk, as a service worker needs it. */
export async function bundled(code: string, single = false): Promise<OutputChunk[]> {
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
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: !single })
  await bundle.close()
  return output.filter((it) => it.type === 'chunk')
}
