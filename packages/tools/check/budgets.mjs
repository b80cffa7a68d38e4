// What may be downloaded, loaded and spent: one table. Under a budget that is nearly met clear code wins over bytes; one
// that hurts the code is raised here, with the reason and the figure in the commit.

// Each is 1 % above what is measured. A returning visit: what a start judges of marks, notes and keys is the manager's
// rules (1.2 kB), errors are classes that the work shares with it (0.6 kB), and every option is judged by the constructor,
// so that what can't work is told there and then (1.1 kB); a page that is put aside must hold up no other tab, so that each
// of its transactions is left and run again (0.2 kB); a signal is tried before it is used, and a declaration copied to its
// last list (0.1 kB). A first visit was to take 38 kB: what the manager decides and writes down is 18 kB of it, pure and
// whole (`decide`, `outcomes`, `transitions`), since what a failed registration is written down by must be there when the
// network is down; so must the words for that (2.5 kB with what strikes secrets out of them). What is refused is written
// down for each declaration, a secret that is replaced stays beside, and a client in use goes on only where no answer that
// waits to be saved has changed it (1.2 kB). What is said of an answer without a registration comes when there is one (3.4
// kB, in the unit access). esbuild makes the names that other units take from the work a file of their own (0.7 kB), and
// one file more would be one more on a server too. With a listener: all rules about requests, and what was found to go
// wrong with keys and addresses (10.1 kB).
const returning = { kB: 7.8, files: 2 }

/**
 * The pages that are measured, by what each adds to the README's page. A visit's kB are of 1,000 bytes after gzip -9, its files
 * are those of code; the worse of two bundlers counts. `told`: what the table in docs/single-page-apps.md calls it.
 */
export const pages = [
  { name: 'a page', told: 'as at the top', first: { kB: 47.4, files: 6 }, returning },
  {
    name: 'a page that gives a signal',
    call: '{ signal: AbortSignal.timeout(60_000) }',
    first: { kB: 47.4, files: 6 },
    returning,
  },
  {
    name: 'a page that listens to events',
    told: 'with a listener (`onEvent`)',
    options: 'onEvent: () => {},',
    first: { kB: 57.8, files: 7 },
    returning,
  },
  // Besides what registers: what makes keys and signs with them, and jose (9.1 kB).
  {
    name: 'a page with managed keys',
    told: 'with managed keys (`keys`)',
    options: 'keys: {},',
    first: { kB: 56.5, files: 8 },
    returning,
  },
  {
    name: '- and its first signature',
    told: '... and its first signature',
    options: 'keys: {},',
    after: 'await manager.authentication()',
    first: { kB: 56.5, files: 8 },
    returning: { kB: 56.5, files: 8, waves: 4 },
  },
]

/** How often files of ours may wait for files of ours, after the page's own script, unless a page says otherwise. */
export const waves = 3

/**
 * The import of `@registrant/node`, in processor time, against a library that people know. Measured: 1.41 to 1.54, beside nothing
 * and beside twenty other processes for each core: it is three files and two packages where that is one, and a file is what costs.
 */
export const startOfAService = { peer: 'oauth4webapi', most: 1.7 }

/** Files of `dist` that a first registration with a token source and a listener loads. */
export const filesOfAService = 7

/** Files of `dist` that a start loads which finds a good record in a folder. */
export const filesOfAStart = 5

/** How often a first registration parses JSON: each answer once, the record where it is looked at, a copy of the declaration. */
export const parsesOfAService = 8
