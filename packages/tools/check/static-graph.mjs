// What the import of an entry point loads before anything is called: a budget that is a list.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { packages } from '../build/entry-points.mjs'

const built = packages.map((it) => {
  const { chunks } = JSON.parse(readFileSync(join(it.folder, 'dist/.build.json'), 'utf8'))
  return { ...it, chunks: new Map(chunks.map((chunk) => [chunk.fileName, chunk])) }
})

/** For each entry point the modules and packages that its import loads. Throws when a main entry point loads what it must not. */
export function staticGraph() {
  onceEach()
  const graph = {}
  for (const it of built)
    for (const { specifier, program, entry } of it.entryPoints) {
      const loads = loadedBy(it, `${entry}.js`)
      if (specifier === it.name) light(specifier, loads)
      graph[specifier ?? program] = [...loads].toSorted()
    }
  return graph
}

/** Modules of ours by their path, packages by their name; packages of ours with what they load in turn. */
function loadedBy({ chunks }, first) {
  const loaded = new Set()
  const waiting = [first]
  const seen = new Set()
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const chunk = chunks.get(name)
    if (chunk === undefined) loaded.add(name)
    else for (const path of chunk.modules) loaded.add(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path)
    waiting.push(...(chunk?.imports ?? []))
  }
  return loaded
}

/** Throws if an import loads HTTP, schemas, keys or the exchange: a returning visit makes no request, and needs none of them. */
function light(entryPoint, loads) {
  const all = [...loads].flatMap((name) => {
    const other = built.find(({ entryPoints }) => entryPoints.some(({ specifier }) => specifier === name))
    const { entry } = other?.entryPoints.find(({ specifier }) => specifier === name) ?? {}
    return other === undefined ? [name] : [...loadedBy(other, `${entry}.js`)]
  })
  const heavy = all.filter((name) => /^(?:ky|zod|jose)(?:\/|$)/.test(name) || name.includes('/src/exchange/'))
  if (heavy.length > 0)
    throw new Error(`${entryPoint} loads with its import what belongs to the first request: ${heavy.join(', ')}`)
}

/**
 * A module in two chunks would be two classes of one name, and `instanceof` would hold for one of them. What is compiled in
 * is each package's own: none hands such a class to another.
 */
function onceEach() {
  const seen = new Map()
  for (const { name, chunks } of built)
    for (const { modules, fileName } of chunks.values())
      for (const module of modules) {
        const path = module.startsWith('packages/') ? module : `${name} ${module}`
        if (seen.has(path)) throw new Error(`${path} is in ${seen.get(path)} and again in ${name} ${fileName}`)
        seen.set(path, `${name} ${fileName}`)
      }
}
