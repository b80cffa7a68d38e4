#!/usr/bin/env node
// Builds what is shipped: `dist/*.js` by rolldown, one entry per entry point with shared chunks, and declarations by tsc.
// Does nothing when no input changed. The note that says so is written last: a build that was cut off starts over.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import { rolldown } from 'rolldown'

import { pruneDeclarations } from './declarations.mjs'
import { packages, root } from './entry-points.mjs'
import { writeJsonSchemas } from './json-schemas.mjs'
import { licencesOf } from './licences.mjs'
import { graphInto, withoutRuntimeFile } from './plugins.mjs'
import { groupsOf } from './units.mjs'

const inputs = globSync(
  [
    'pnpm-lock.yaml',
    'tsconfig.base.json',
    'packages/tools/build/*.mjs',
    'packages/{core,node,browser}/{package.json,tsconfig.json,src/**/*.*}',
  ],
  { cwd: root },
)
const hash = createHash('sha256')
for (const path of inputs.toSorted())
  hash
    .update(`${path}\0`)
    .update(readFileSync(join(root, path)))
    .update('\0')
const inputsNow = hash.digest('hex')

/** The note of a build: the digest of its inputs, and which module went into which chunk, which is noted nowhere else. */
const noteOf = ({ folder }) => join(folder, 'dist/.build.json')
const isBuilt = (it) => existsSync(noteOf(it)) && JSON.parse(readFileSync(noteOf(it), 'utf8')).inputs === inputsNow
if (!packages.every(isBuilt)) await build()

async function build() {
  for (const { folder } of packages) rmSync(join(folder, 'dist'), { recursive: true, force: true })
  const [declared, ...bundles] = await Promise.all([declare(), ...packages.map(bundle)])
  if (!declared) process.exit(1)
  for (const it of packages) pruneDeclarations(it)
  const [core, node, browser] = ['core', 'node', 'browser'].map((name) => packages.find(({ short }) => short === name))
  await writeJsonSchemas(core, node, browser)
  for (const [index, it] of packages.entries())
    writeFileSync(noteOf(it), JSON.stringify({ inputs: inputsNow, chunks: bundles[index] }))
}

function declare() {
  const tsc = join(root, 'node_modules/.bin/tsc')
  const child = spawn(tsc, ['-b', ...packages.map(({ folder }) => folder)], { cwd: root, stdio: 'inherit' })
  return new Promise((resolve) => child.once('close', (status) => resolve(status === 0)))
}

/** Bundles a package, one entry per entry point. Dependencies stay imports; others are compiled in, with their licence. */
async function bundle({ name, folder, manifest, entryPoints }) {
  const dependencies = [name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]
  const graph = new Map()
  const bundled = await rolldown({
    input: Object.fromEntries(entryPoints.map(({ entry, source }) => [entry, source])),
    cwd: folder,
    platform: 'neutral',
    plugins: [graphInto(graph), withoutRuntimeFile],
    external: (id) =>
      id.startsWith('node:') || dependencies.some((known) => id === known || id.startsWith(`${known}/`)),
    treeshake: { moduleSideEffects: false },
    preserveEntrySignatures: 'allow-extension',
    onLog(level, log, report) {
      if (level === 'warn') throw new Error(`${name}: ${log.message}`)
      report(level, log)
    },
  })
  const dist = join(folder, 'dist')
  const { output } = await bundled.write({
    dir: dist,
    format: 'esm',
    chunkFileNames: 'chunks/[name].js',
    entryFileNames: '[name].js',
    comments: { jsdoc: false },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: groupsOf(
        folder,
        entryPoints.map(({ source }) => source),
        graph,
      ),
    },
  })
  await bundled.close()
  const licences = licencesOf(output.flatMap(({ moduleIds }) => moduleIds))
  if (licences !== '') writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences)
  return output.map(({ fileName, imports, dynamicImports, moduleIds }) => {
    return {
      fileName,
      imports,
      dynamicImports,
      modules: moduleIds.filter((id) => !id.startsWith('\0')).map((id) => relative(root, id)),
    }
  })
}
