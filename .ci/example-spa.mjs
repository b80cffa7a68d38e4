#!/usr/bin/env node
// What `npm run example:spa` runs: the page of docs/ that registers itself, and an authorization server for it, against
// the packages as they are built.
import './build.mjs'

await import('../docs/examples/spa/start.ts')
