import type { Awaitable, RegistrationStore } from '@registrant/core'

/** What the module of a torture exports: under this name, or as its default. */
type MakeStore = (directory: string) => Awaitable<RegistrationStore>

/** The store that a module makes. */
export async function storeOf(module: string, directory: string): Promise<RegistrationStore> {
  const exported: { makeStore?: MakeStore; default?: MakeStore } = await import(module)
  const make = exported.makeStore ?? exported.default
  if (typeof make !== 'function') throw new TypeError(`${module} exports neither makeStore nor a default function`)
  return make(directory)
}
