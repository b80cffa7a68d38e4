import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { rolldown } from 'rolldown'

import { banner } from './globals.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What is simulated unless something else is named. */
const ownManager: string = join(root, 'packages/core/src/index.ts')

/** Replaces a text in a source file by another one. */
export interface Edit {
  /** The end of the path of the file. */
  file: string
  find: string
  replace: string
}

/**
 * Makes one module of a manager and of its seam, late code included, so that nothing is loaded while a schedule runs. Resolves to
 * its address.
 *
 * @throws {Error} the module exports no manager, the seam is not found, or what an edit replaces is not there
 */
export function bundle(manager: string = ownManager, edits: readonly Edit[] = []): Promise<string> {
  const key = JSON.stringify([manager, edits])
  const bundled = bundles.get(key) ?? make(manager, edits)
  bundles.set(key, bundled)
  return bundled
}

const bundles = new Map<string, Promise<string>>()

async function make(manager: string, edits: readonly Edit[]): Promise<string> {
  const path = resolve(manager)
  const source = sourceOf(path)
  const folder = join(root, 'test/.cache/simulation')
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${process.pid}-${(made += 1)}.mjs`)
  const missing = new Set(edits)
  const entry = `
    export { RegistrationManager } from ${JSON.stringify(path)}
    export { replacePlatform } from ${JSON.stringify(join(source, 'platform.ts'))}
    export { StoreError } from ${JSON.stringify(join(source, 'errors.ts'))}
  `
  const bundled = await rolldown({
    input: 'simulated',
    platform: 'node',
    logLevel: 'silent',
    plugins: [
      {
        name: 'simulated',
        resolveId: (id) => (id === 'simulated' ? { id: join(source, 'simulated.ts') } : undefined),
        load(id) {
          if (id === join(source, 'simulated.ts')) return entry
          const here = edits.filter(({ file }) => id.endsWith(file))
          if (here.length === 0) return undefined
          return here.reduce(
            (text, edit) => {
              if (text.includes(edit.find)) missing.delete(edit)
              return text.replace(edit.find, () => edit.replace)
            },
            readFileSync(id, 'utf8'),
          )
        },
      },
    ],
  })
  await bundled.write({ file: outfile, format: 'esm', codeSplitting: false, banner })
  await bundled.close()
  for (const { file, find } of missing) throw new Error(`${file} does not say ${find}`)
  return pathToFileURL(outfile).href
}

let made = 0

/** The source folder of a module: the nearest one around it that holds the seam, `platform.ts`. */
function sourceOf(path: string): string {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'platform.ts'))) return folder
  throw new Error(`There is no platform.ts beside ${path}`)
}
