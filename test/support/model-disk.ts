import { constants } from 'node:fs'
import { basename, dirname } from 'node:path'

import type { Disk, FileFacts, OpenFile } from '@registrant/node/testing'

/** A file or a folder, whatever its names are. */
interface Node {
  readonly id: number
  readonly mode: number
  readonly folder?: Map<string, Node>
  /** Every content since the last flush; the first one is on the disk. */
  data: Uint8Array[]
  mtimeMs: number
}

/** A name that was given or taken and is not yet on the disk. */
interface Entry {
  readonly parent: Node
  readonly name: string
  readonly node: Node | undefined
}

/** What a crash may leave, by the path of each file; folders have no content. */
export type Remains = ReadonlyMap<string, Uint8Array | undefined>

const empty = new Uint8Array()

/** How many subsets of the names that were not flushed are tried at one moment. */
const subsets = 512

/** How many mixtures of contents are tried for one choice of names. */
const mixtures = 4

/** A failure as Node reports it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code })
}

/**
 * A file system in memory that knows what would be on the disk if the power went now.
 *
 * What was not flushed may be there or not: of names any subset, of data the old, none, a part, or all. Flushing a file
 * says nothing of its name, and flushing a folder nothing of the folder's own name.
 */
export class ModelDisk implements Disk {
  #ids = 0
  #clock = 0
  readonly #root: Node = this.#newNode(0o755, new Map())
  #durable = new Map<Node, Map<string, Node>>([[this.#root, new Map()]])
  #pending: Entry[] = []
  /** Called after each change, with its name. */
  changed: (what: string) => void = () => {}

  /** A disk that holds what a crash left ten minutes ago, all of it flushed. */
  static from(remains: Remains): ModelDisk {
    const disk = new ModelDisk()
    for (const [path, data] of [...remains].toSorted(([a], [b]) => a.length - b.length)) {
      const node = disk.#newNode(data ? 0o600 : 0o700, data ? undefined : new Map())
      if (data) node.data = [data]
      disk.#name(path, node)
    }
    disk.#pending = []
    disk.#durable = disk.#visible()
    disk.#clock += 600_000
    return disk
  }

  /** Everything that a crash may leave now: with `ordered` names survive only in the order in which they were given. */
  *crashes({ ordered }: { ordered: boolean }): Generator<Remains> {
    const pending = [...this.#pending]
    const total = ordered ? pending.length + 1 : 2 ** pending.length
    // Beyond nine names some of the subsets have to do; the stride is odd, so that no two of them are the same.
    const stride = total > subsets ? 2654435761 : 1
    for (let count = 0; count < Math.min(total, subsets); count++) {
      const choice = (count * stride) % total
      const folders = new Map([...this.#durable].map(([node, names]) => [node, new Map(names)]))
      for (const [index, entry] of pending.entries())
        if (ordered ? index < choice : Math.floor(choice / 2 ** index) % 2 === 1) apply(folders, entry)
      yield* contents(walk(folders, this.#root, ''), choice)
    }
  }

  async lstat(path: string): Promise<FileFacts> {
    return this.#facts(this.#find(path))
  }

  async readdir(path: string): Promise<string[]> {
    return [...this.#folder(path).keys()]
  }

  async mkdir(path: string, mode: number): Promise<void> {
    this.#name(path, this.#newNode(mode, new Map()))
    this.changed('mkdir')
  }

  async link(path: string, name: string): Promise<void> {
    this.#name(name, this.#find(path))
    this.changed('link')
  }

  async unlink(path: string): Promise<void> {
    const [parent, name] = [this.#find(dirname(path)), basename(path)]
    this.#find(path)
    this.#pending.push({ parent, name, node: undefined })
    parent.folder?.delete(name)
    this.changed('unlink')
  }

  async open(path: string, flags: number, mode = 0): Promise<OpenFile> {
    const there = path === dirname(path) ? this.#root : this.#folder(dirname(path)).get(basename(path))
    if (there && (flags & constants.O_EXCL) !== 0) throw systemError('EEXIST')
    if (!there && (flags & constants.O_CREAT) === 0) throw systemError('ENOENT')
    const node = there ?? this.#newNode(mode)
    if (!there) {
      this.#name(path, node)
      this.changed('create')
    }
    return this.#opened(node, (flags & constants.O_APPEND) !== 0)
  }

  #opened(node: Node, append: boolean): OpenFile {
    const write = (data: Uint8Array): void => {
      node.data.push(data)
      node.mtimeMs = ++this.#clock
    }
    return {
      stat: async () => this.#facts(node),
      readFile: async () => node.data.at(-1) ?? empty,
      writeFile: async (data) => {
        write(append ? Buffer.concat([node.data.at(-1) ?? empty, data]) : data)
        this.changed('write')
      },
      truncate: async () => {
        write(empty)
        this.changed('truncate')
      },
      sync: async () => {
        if (node.folder) this.#flushFolder(node)
        else node.data = node.data.slice(-1)
        this.changed('sync')
      },
      close: async () => {},
    }
  }

  #flushFolder(folder: Node): void {
    const flushed = new Map(folder.folder)
    this.#durable.set(folder, flushed)
    for (const node of flushed.values()) if (node.folder && !this.#durable.has(node)) this.#durable.set(node, new Map())
    this.#pending = this.#pending.filter(({ parent }) => parent !== folder)
  }

  #name(path: string, node: Node): void {
    const [parent, name] = [this.#find(dirname(path)), basename(path)]
    if (parent.folder?.has(name)) throw systemError('EEXIST')
    parent.folder?.set(name, node)
    this.#pending.push({ parent, name, node })
  }

  /** The node at a path. It is called at every step of every file, so it takes the path apart only once. */
  #find(path: string): Node {
    let node = this.#root
    for (const name of path.split('/')) {
      if (name === '') continue
      if (node.folder === undefined) throw systemError('ENOTDIR')
      const inner = node.folder.get(name)
      if (inner === undefined) throw systemError('ENOENT')
      node = inner
    }
    return node
  }

  #folder(path: string): Map<string, Node> {
    const { folder } = this.#find(path)
    if (folder === undefined) throw systemError('ENOTDIR')
    return folder
  }

  #facts(node: Node): FileFacts {
    const { mode, mtimeMs, folder } = node
    return {
      mode,
      mtimeMs,
      uid: process.geteuid?.() ?? 0,
      size: node.data.at(-1)?.length ?? 0,
      isFile: () => folder === undefined,
      isDirectory: () => folder !== undefined,
    }
  }

  /** The folders as a running program sees them. */
  #visible(): Map<Node, Map<string, Node>> {
    const folders = new Map<Node, Map<string, Node>>()
    const visit = (node: Node): void => {
      if (node.folder === undefined) return
      folders.set(node, new Map(node.folder))
      for (const inner of node.folder.values()) visit(inner)
    }
    visit(this.#root)
    return folders
  }

  #newNode(mode: number, folder?: Map<string, Node>): Node {
    return { id: this.#ids++, mode, data: [empty], mtimeMs: ++this.#clock, ...(folder && { folder }) }
  }
}

function apply(folders: Map<Node, Map<string, Node>>, { parent, name, node }: Entry): void {
  const names = folders.get(parent) ?? new Map<string, Node>()
  folders.set(parent, names)
  if (node) names.set(name, node)
  else names.delete(name)
}

/** Every path with its node; what lies in a folder whose own name was lost is lost with it. */
function* walk(folders: Map<Node, Map<string, Node>>, folder: Node, above: string): Generator<[string, Node]> {
  for (const [name, node] of folders.get(folder) ?? []) {
    yield [`${above}/${name}`, node]
    if (node.folder) yield* walk(folders, node, `${above}/${name}`)
  }
}

/** What files that were not flushed may hold: all of them the oldest, all the newest, and mixtures with torn ones. */
function* contents(paths: Iterable<[string, Node]>, seed: number): Generator<Remains> {
  const found = [...paths]
  const unsure = [...new Set(found.map(([, node]) => node))].filter((node) => node.data.length > 1)
  const options = unsure.map(({ data }) =>
    distinct([...data, ...data.map((whole) => whole.subarray(0, whole.length / 2)), empty]),
  )
  const all = options.reduce((product, { length }) => product * length, 1)
  for (let mixture = 0; mixture < Math.min(all, mixtures); mixture++) {
    // Few files are tried exhaustively. Of many, each mixture is another one for another choice of names.
    let rest = all <= mixtures ? mixture : (seed * mixtures + mixture) * 7919
    const chosen = new Map(
      unsure.map((node, index) => {
        const own = options[index] ?? []
        const data = own[rest % own.length]
        rest = Math.floor(rest / own.length)
        return [node, data]
      }),
    )
    yield new Map(found.map(([path, node]) => [path, node.folder ? undefined : (chosen.get(node) ?? node.data[0])]))
  }
}

const distinct = (all: Uint8Array[]): Uint8Array[] => [
  ...new Map(all.map((data) => [Buffer.from(data).toString('latin1'), data])).values(),
]
