// Runs the cases of worker.ts in workerd: `node workerd.mjs PROJECT SERVERS` prints their outcomes, `--version` its version.
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { build } from 'esbuild'
import { Miniflare } from 'miniflare'

const [, , project, servers] = process.argv
if (project === '--version') console.log(createRequire(import.meta.url)('miniflare/package.json').version)
else {
  // One module of everything, as workers are uploaded.
  const { outputFiles } = await build({
    entryPoints: [join(project, 'behaviour/worker.ts')],
    bundle: true,
    format: 'esm',
    target: 'es2023',
    conditions: ['workerd', 'worker'],
    write: false,
  })
  const worker = new Miniflare({ modules: true, script: outputFiles[0].text, compatibilityDate: '2026-06-01' })
  try {
    const response = await worker.dispatchFetch('http://worker.example/', { method: 'POST', body: servers })
    console.log(await response.text())
  } finally {
    await worker.dispose()
  }
}
