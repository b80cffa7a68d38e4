#!/usr/bin/env node
// Builds what is shipped: `dist/*.js` by rolldown, one entry per door with shared chunks, and declarations by tsc.
// Does nothing when no input changed; a half-done build has no stamp, so the next one starts over.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = ['core', 'node', 'browser']

const inputs = [
  'pnpm-lock.yaml',
  'tsconfig.base.json',
  '.ci/build.mjs',
  ...globSync('packages/*/{package.json,tsconfig.json,src/**/*.ts}', { cwd: root }).toSorted(),
]
const fingerprint = createHash('sha256')
for (const path of inputs)
  fingerprint
    .update(path)
    .update('\0')
    .update(readFileSync(join(root, path)))
    .update('\0')
const stamp = fingerprint.digest('hex')

const stampOf = (name) => join(root, 'packages', name, 'dist', '.stamp')
const built = packages.every((name) => existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === stamp)
if (!built) await build()

async function build() {
  for (const name of packages) rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true })
  const declared = spawnSync(
    join(root, 'node_modules/.bin/tsc'),
    ['-b', ...packages.map((name) => `packages/${name}`)],
    { cwd: root, stdio: 'inherit' },
  )
  if (declared.status !== 0) process.exit(declared.status ?? 1)
  await Promise.all(packages.map(bundle))
  for (const name of packages) writeFileSync(stampOf(name), stamp)
}

/** One entry per door of `exports`; what is a dependency stays an import, what is not is compiled in. */
async function bundle(name) {
  const folder = join(root, 'packages', name)
  const { exports, dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const doors = Object.values(exports).filter((door) => typeof door === 'object')
  const input = Object.fromEntries(
    doors.map(({ types, default: file }) => [
      file.replace(/^\.\/dist\/|\.js$/g, ''),
      join(folder, types.replace('./dist/types/', 'src/').replace(/\.d\.ts$/, '.ts')),
    ]),
  )
  const bundled = await rolldown({
    input,
    cwd: folder,
    platform: 'neutral',
    external: (id) =>
      id.startsWith('node:') ||
      Object.keys(dependencies ?? {}).some((known) => id === known || id.startsWith(`${known}/`)),
    treeshake: { moduleSideEffects: false },
    onLog(level, log, report) {
      if (level === 'warn') throw new Error(`${name}: ${log.message}`)
      report(level, log)
    },
  })
  await bundled.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    chunkFileNames: 'chunks/[name]-[hash].js',
    entryFileNames: '[name].js',
  })
  await bundled.close()
}
