// The entry points of the packages, as `exports`, `imports` and `bin` of their package.json say. Nothing else names a shipped file.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Every package that is published, with what its package.json says, its folder, and its entry points: entries of code, not data. */
export const packages = globSync('packages/*/package.json', { cwd: root })
  .toSorted()
  .map((path) => ({ folder: join(root, dirname(path)), manifest: JSON.parse(readFileSync(join(root, path), 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true)
  .map(({ folder, manifest }) => {
    return {
      name: manifest.name,
      short: folder.split(/[\\/]/).at(-1),
      folder,
      manifest,
      entryPoints: entryPointsOf(manifest, folder),
    }
  })

/** What `imports` names is for the package itself: a program that it starts, no entry point for others. */
function entryPointsOf({ name, exports, imports = {}, bin = {} }, folder) {
  const entryPoints = Object.entries(exports)
    .filter(([, entryPoint]) => typeof entryPoint === 'object')
    .map(([path, { types, default: file }]) => ({
      specifier: name + path.slice(1),
      entry: file.replace(/^\.\/dist\/|\.js$/g, ''),
      file: join(folder, file),
      types: join(folder, types),
      source: join(folder, types.replace('./dist/types/', 'src/').replace(/\.d\.ts$/, '.ts')),
    }))
  const programs = Object.entries({ ...imports, ...bin }).map(([program, file]) => ({
    program,
    entry: file.replace(/^(\.\/)?dist\/|\.js$/g, ''),
    file: join(folder, file),
    source: join(folder, file.replace(/^(\.\/)?dist\//, 'src/').replace(/\.js$/, '.ts')),
  }))
  return [...entryPoints, ...programs]
}
