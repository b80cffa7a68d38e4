#!/usr/bin/env node
// zod comes in as `import * as z from 'zod/mini'` and in no other form: the named import of `z` costs a user of esbuild
// 80 kB gzip. The linter cannot tell the two apart.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('../../..', import.meta.url))
for (const file of globSync('packages/*/src/**/*.ts', { cwd }))
  for (const [index, line] of readFileSync(cwd + file, 'utf8')
    .split('\n')
    .entries())
    if (/['"]zod[\w/]*['"]/.test(line) && line !== "import * as z from 'zod/mini'") {
      console.log(`${file}:${index + 1}: ${line}\n  only: import * as z from 'zod/mini'`)
      process.exitCode = 1
    }
