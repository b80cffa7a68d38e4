// Declarations that no entry point reaches are private: they are taken out of what is shipped. The others may import only from
// dependencies, which an installed package has.
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Keeps the declarations that an entry point of the package reaches; throws when one of them needs what is not a dependency. */
export function pruneDeclarations({ name, folder, manifest, entryPoints }) {
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const reached = new Set()
  const waiting = entryPoints.flatMap(({ types }) => types ?? [])
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    for (const specifier of namesIn(readFileSync(file, 'utf8')))
      if (specifier.startsWith('.')) waiting.push(declarationOf(join(dirname(file), specifier)))
      else if (!allowed(specifier))
        throw new Error(`${name}: ${relative(folder, file)} is public and mentions ${specifier}`)
  }
  for (const file of globSync('dist/types/**/*.d.ts', { cwd: folder }).map((path) => join(folder, path)))
    if (!reached.has(file)) rmSync(file)

  function allowed(specifier) {
    if (specifier.startsWith('node:') || specifier === 'node') return '@types/node' in (manifest.devDependencies ?? {})
    return dependencies.some((known) => specifier === known || specifier.startsWith(`${known}/`))
  }
}

/** What a declaration imports, re-exports or refers to. */
function namesIn(text) {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '')
  return [
    ...code.matchAll(/\b(?:from|import|module)\s*\(?\s*['"]([^'"]+)['"]/g),
    ...code.matchAll(/^\/\/\/ <reference (?:types|path)="([^"]+)"/gm),
  ].map(([, specifier]) => specifier)
}

function declarationOf(path) {
  const file = path.replace(/\.[jt]s$/, '.d.ts')
  if (!existsSync(file)) throw new Error(`no declaration at ${file}`)
  return file
}
