import type { Awaitable, RegistrationStore } from '@registrant/core'

/** What `makeStore` is told of the place of its process. */
export interface TorturePlace {
  /** The number of the machine that this process is on, from 0; see `StoreTortureOptions.machines`. */
  machine: number
}

/** What the module of a torture exports: under this name, or as its default. */
type MakeStore = (directory: string, place: TorturePlace) => Awaitable<RegistrationStore>

/** The store that a module makes. */
export async function storeOf(module: string, directory: string, place: TorturePlace): Promise<RegistrationStore> {
  const exported: { makeStore?: MakeStore; default?: MakeStore } = await import(module)
  const make = exported.makeStore ?? exported.default
  if (typeof make !== 'function') throw new TypeError(`${module} exports neither makeStore nor a default function`)
  return make(directory, place)
}
