#!/usr/bin/env node
// Builds what is shipped: `dist/*.js` by rolldown, one entry per door with shared chunks, and declarations by tsc.
// Does nothing when no input changed. The note that says so is written last: a build that was cut off starts over.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import { rolldown } from 'rolldown'

import { pruneDeclarations } from './declarations.mjs'
import { packages, root } from './doors.mjs'
import { writeJsonSchemas } from './json-schemas.mjs'
import { licencesOf } from './licences.mjs'

const inputs = globSync(
  [
    'pnpm-lock.yaml',
    'tsconfig.base.json',
    '.ci/{build,declarations,doors,json-schemas,licences}.mjs',
    'packages/*/{package.json,tsconfig.json,src/**/*.*}',
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

/** What was built from which inputs; also the only place that knows which module went into which chunk. */
const noteOf = ({ folder }) => join(folder, 'dist/.build.json')
const isBuilt = (it) => existsSync(noteOf(it)) && JSON.parse(readFileSync(noteOf(it), 'utf8')).inputs === inputsNow
if (!packages.every(isBuilt)) await build()

async function build() {
  for (const { folder } of packages) rmSync(join(folder, 'dist'), { recursive: true, force: true })
  const [declared, ...bundles] = await Promise.all([declare(), ...packages.map(bundle)])
  if (!declared) process.exit(1)
  for (const it of packages) pruneDeclarations(it)
  await writeJsonSchemas(packages.find(({ short }) => short === 'core'))
  for (const [index, it] of packages.entries())
    writeFileSync(noteOf(it), JSON.stringify({ inputs: inputsNow, chunks: bundles[index] }))
}

function declare() {
  const tsc = join(root, 'node_modules/.bin/tsc')
  const child = spawn(tsc, ['-b', ...packages.map(({ folder }) => folder)], { cwd: root, stdio: 'inherit' })
  return new Promise((resolve) => child.once('close', (status) => resolve(status === 0)))
}

/** One entry per door; what is a dependency stays an import, what is not is compiled in, with its licence. */
async function bundle({ name, folder, manifest, doors }) {
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const bundled = await rolldown({
    input: Object.fromEntries(doors.map(({ entry, source }) => [entry, source])),
    cwd: folder,
    platform: 'neutral',
    external: (id) =>
      id.startsWith('node:') || dependencies.some((known) => id === known || id.startsWith(`${known}/`)),
    treeshake: { moduleSideEffects: false },
    onLog(level, log, report) {
      if (level === 'warn') throw new Error(`${name}: ${log.message}`)
      report(level, log)
    },
  })
  const dist = join(folder, 'dist')
  const options = { dir: dist, format: 'esm', chunkFileNames: 'chunks/[name].js', entryFileNames: '[name].js' }
  // The bundler of a page keeps whatever a file could load later, used or not: so what other doors share with the front door
  // and with the manager stands in files that load nothing.
  const drawn = await bundled.generate(options)
  const front = loadedWith(drawn, /\/src\/index\.ts$/)
  const working = loadedWith(drawn, /\/src\/manager\/ensure\/index\.ts$/)
  const others = loadedWith(drawn, /\/src\/\w+\/index\.ts$/)
  const { output } = await bundled.write({
    ...options,
    comments: { jsdoc: false },
    codeSplitting: {
      groups: [
        { name: 'shared', test: (id) => front.has(id) && (others.has(id) || working.has(id)), priority: 3 },
        { name: 'exchanges', test: (id) => working.has(id) && others.has(id), priority: 2 },
        { name: 'working', test: (id) => working.has(id) && !id.endsWith('/ensure/index.ts'), priority: 1 },
      ],
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

/**
 * An entry and the modules that its import loads. They become one file, since what an import costs is the number of files
 * (0.3 ms each) and not what is in them, and since a file packs better than its pieces.
 */
function loadedWith({ output }, entry) {
  const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]))
  const reached = new Set(
    output.filter(({ facadeModuleId }) => entry.test(facadeModuleId ?? '')).map(({ fileName }) => fileName),
  )
  for (const fileName of reached)
    for (const other of chunks.get(fileName).imports) if (chunks.has(other)) reached.add(other)
  return new Set([...reached].flatMap((fileName) => chunks.get(fileName).moduleIds))
}
