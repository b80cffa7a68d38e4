import { pathToFileURL } from 'node:url'

/** What a configuration file that is a program has as its `default`. */
export async function loadProgram(path: string): Promise<unknown> {
  const module: { default?: unknown } = await import(pathToFileURL(path).href)
  if (module.default === undefined) throw new Error('it has no `export default`')
  return module.default
}
