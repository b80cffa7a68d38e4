import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'
import type { OutputChunk } from 'rolldown'

const entry = '\0entry'

/** What a user's bundler makes of one file, minified. */
export const bundled = (code: string): Promise<OutputChunk[]> => bundledFiles({ entry }, { code })

/** The bundles of several files by their names; `single`: of one file, in one chunk, as a service worker needs it. */
export async function bundledFiles(
  input: Record<string, string>,
  { single = false, code }: { single?: boolean; code?: string } = {},
): Promise<OutputChunk[]> {
  const bundle = await rolldown({
    input,
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
