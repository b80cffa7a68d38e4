import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // What Node.js made of a file is kept for the many processes that tests start.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
    setupFiles: ['./support/show-failures.ts'],
    // Real processes, browsers and clocks on a shared machine: a test that fails for want of time is given it once more.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    testTimeout: 30_000,
    // What is waited for comes, however busy the machine is; the usual second is a verdict by the clock.
    expect: { poll: { timeout: 10_000 } },
    // Most tests wait for processes, browsers and pauses, and leave the processor to others.
    maxWorkers: Math.max(3, availableParallelism()),
    // A file leaves the process as it found it, so the next one need not load everything anew: a third of the processor time.
    isolate: false,
  },
})
