#!/usr/bin/env node
// What `npm start` runs: the walk through a registration, against the packages as they are built. Its arguments are the
// walk's own.
import './build.mjs'

await import('../docs/examples/walk/main.ts')
