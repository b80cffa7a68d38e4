// What may be downloaded, loaded and spent: one table. Under a budget that is nearly met clear code wins over bytes; one
// that hurts the code is raised here, with the reason and the figure in the commit.

// A returning visit: what a start judges of marks, notes and keys is the manager's rules, errors are classes that the work
// shares with it, and every option is judged by the constructor, so that what can't work is told there and then (1.0 kB). A
// first visit: `decide`, `outcomes` and `transitions` are pure and whole, and what a failed registration is written down by
// must be there when the network is down; so must the rows of `decide` for routes (0.5 kB), and advice that follows what was
// sent and to whom (1.5 kB). With a listener: rules about keys and addresses (2 kB).
const returning = { kB: 6.7, files: 2 }

/**
 * Pages by what they say besides what the README's says. A visit's kB are of 1,000 bytes after gzip -9, its files are
 * those of code; the worse of two bundlers counts. `told`: what the table in docs/single-page-apps.md calls it.
 */
export const pages = [
  { name: 'a page', told: 'as at the top', first: { kB: 57.5, files: 6 }, returning },
  {
    name: 'a page that gives a signal',
    call: '{ signal: AbortSignal.timeout(60_000) }',
    first: { kB: 57.5, files: 6 },
    returning,
  },
  {
    name: 'a page that listens to events',
    told: 'with a listener (`onEvent`)',
    options: 'onEvent: () => {},',
    first: { kB: 66.5, files: 7 },
    returning,
  },
  // As measured: the rotation of keys and what judges them in a response came after the first figures.
  {
    name: 'a page with managed keys',
    told: 'with managed keys (`keys`)',
    options: 'keys: {},',
    first: { kB: 75, files: 10, waves: 4 },
    returning,
  },
  {
    name: '- and its first signature',
    told: '... and its first signature',
    options: 'keys: {},',
    after: 'await manager.authentication()',
    first: { kB: 76, files: 11, waves: 5 },
    returning: { kB: 67, files: 10, waves: 5 },
  },
]

/** So many times files of ours wait for files of ours, after the page's own script, where nothing else is said. */
export const waves = 3

/**
 * The import of `@registrant/node`, in processor time over an empty process, against a library that people know. Measured:
 * 1.39 on a quiet machine of two cores, 1.83 in a whole run of the checks, 2.22 beside other work.
 */
export const startOfAService = { peer: 'oauth4webapi', most: 2.3 }

/** Files of `dist` that a first registration with a token source and a listener loads. */
export const filesOfAService = 7
