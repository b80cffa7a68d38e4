#!/usr/bin/env node
// What `npm run screenshot` runs: pictures of the page of docs/ that registers itself, against the packages as they are built.
import './build.mjs'

await import('../test/browsers/pictures.ts')
