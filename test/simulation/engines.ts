/** What an engine that stores records does, as data; its faults are drawn beside. */
export interface StoreEngine {
  name: string
  /** It says when something has changed. */
  hasChanged: boolean
  /** The share of its notices that is lost, with their connection; a slow look finds what they told of. */
  losesNotices: number
  /** Milliseconds from one slow look to the next. */
  looksEvery: number
  /** It lets one holder in at a time, and the next when that one dies. */
  hasExclusive: boolean
  /** Versions are counted; otherwise each is drawn. No version is used again for another value, not even after a loss. */
  countsVersions: boolean
  /** It finds out by itself that a value is damaged, and then shows none. */
  checksValues: boolean
  /** Keeps keys that can't be exported. */
  hasKeys: boolean
  /** Milliseconds that it takes for a call, at most, in good times. */
  latency: number
  /** Milliseconds for which a process is shown again the value that it read. A save compares with the stored one all the same. */
  cachesFor: number
  /**
   * Milliseconds of acknowledged saves that are gone, at most, when the engine crashes or another takes over: that is a store
   * loss, and no invariant holds for what was lost. 0: no acknowledged save is ever gone, and nothing is excused.
   */
  losesAtCrash: number
}

const plain: StoreEngine = {
  name: 'memory',
  hasChanged: false,
  losesNotices: 0,
  looksEvery: 180_000,
  hasExclusive: false,
  countsVersions: true,
  checksValues: false,
  hasKeys: false,
  latency: 0.01,
  cachesFor: 0,
  losesAtCrash: 0,
}

const files: StoreEngine = { ...plain, name: 'files', countsVersions: false, checksValues: true, latency: 8 }
const redis: StoreEngine = {
  ...plain,
  name: 'Redis',
  hasChanged: true,
  losesNotices: 0.05,
  countsVersions: false,
  latency: 2,
}
const postgres: StoreEngine = {
  ...plain,
  name: 'Postgres',
  hasChanged: true,
  losesNotices: 0.02,
  hasExclusive: true,
  latency: 10,
}

/** The engines that there are stores for, as they are run. */
export const engines: readonly StoreEngine[] = [
  plain,
  files,
  { ...files, name: 'files in a folder that can not be flushed', losesAtCrash: 30_000 },
  { ...files, name: 'files on a network disk that caches lists', latency: 60, cachesFor: 3000 },
  {
    ...plain,
    name: 'IndexedDB',
    hasChanged: true,
    hasExclusive: true,
    countsVersions: false,
    hasKeys: true,
    latency: 4,
    losesAtCrash: 5000,
  },
  // A watch that has ended, or is told that what it knows is too old (410), lists anew.
  {
    ...plain,
    name: 'Kubernetes',
    hasChanged: true,
    losesNotices: 0.1,
    looksEvery: 30_000,
    countsVersions: false,
    latency: 40,
  },
  { ...redis, name: 'Redis, flushed each second', losesAtCrash: 1000 },
  { ...redis, name: 'Redis, with a replica that lags', losesAtCrash: 5000 },
  postgres,
  { ...postgres, name: 'Postgres, committed later', losesAtCrash: 600 },
]
