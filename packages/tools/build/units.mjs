// Load units: modules that are loaded as one file, by the folders of core that they lie in. A module that the import of the
// main entry point loads is in no unit, wherever it lies, and an entry point is a file of its own.
import { relative } from 'node:path'

const exchange = (names) => names.split(' ').map((name) => `exchange/${name}.ts`)

/** A module is in the first unit that fits. A `load.ts` is in the unit of its callers, not in the one that it loads. */
const units = {
  // No page may load these: in them a secret pays for a registration, or proves a client.
  secret: ['client/secret/'],
  proof: ['keys/client-proof.ts', 'manager/secret-proofs.ts'],
  // What makes keys and signs.
  jose: ['keys/jose.ts'],
  keys: ['keys/', 'manager/keys/'],
  // Requests with a token: to register, where the server wants one, and to read, update and delete a client. And the words
  // for an answer without a registration: the server is reachable then.
  access: ['client/access/', ...exchange('answer-headers management refusal response token updated-metadata')],
  maintain: ['manager/maintain/'],
  // The retries of discovery.
  retry: ['client/retry/', 'node_modules/ky/'],
  // The choice between routes to a client, for an application that has more than one.
  identity: ['manager/identity/', 'identity/choose-registration.ts', 'identity/client-id-url.ts'],
  work: ['client/', 'exchange/', 'manager/', 'model/'],
}

/** The modules of core that load a unit. */
const loaders = /^(?:checks|client|keys|manager)\/(?:.*\/)?load\.ts$/

/** The unit of a module of core, or of what is compiled into it. */
function unitOf(id, folder) {
  const path = id.replaceAll('\\', '/').replace(/^.*\/(?=node_modules\/(?!\.))/, '')
  const place = path.startsWith('node_modules/') ? path : relative(`${folder}/src`, path)
  if (loaders.test(place)) return 'work'
  return Object.keys(units).find((name) => units[name].some((start) => place.startsWith(start)))
}

/**
 * Groups of modules for the bundler: a file for each unit, and one for what the main entry point shares with others. The
 * latter stands apart from what could be loaded later, since a page's bundler keeps all that a file could load, used or not.
 */
export function groupsOf(folder, entries, graph) {
  const [main, ...others] = entries
  const isLate = (id) => !isStart(id) && !entries.includes(id)
  let start
  const isStart = (id) => (start ??= loadedWith([main], graph)).has(id)
  let needed
  const isNeeded = (id) => (needed ??= loadedWith([...others, ...lateOf(graph)], graph)).has(id)
  let reached
  const isReached = (id) => (reached ??= loadedWith(lateOf(graph), graph)).has(id)
  const late = Object.keys(units).map((name) => ({
    name,
    test: (id) => isLate(id) && isReached(id) && unitOf(id, folder) === name,
  }))
  return [{ name: 'shared', test: (id) => isStart(id) && isNeeded(id) && id !== main }, ...late]
}

/** These modules and what their import loads. */
function loadedWith(modules, graph) {
  const loaded = new Set(modules)
  for (const id of loaded) for (const other of graph.get(id)?.imports ?? []) loaded.add(other)
  return loaded
}

const lateOf = (graph) => [...graph.values()].flatMap(({ late }) => late)
