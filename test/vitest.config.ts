import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    setupFiles: ['./support/show-failures.ts'],
    testTimeout: 30_000,
  },
})
