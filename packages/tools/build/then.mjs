#!/usr/bin/env node
// Runs a program of this repository against the packages as they are built: `node then.mjs PROGRAM [its arguments]`. The
// program finds its arguments where they would be, had it been started by itself.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import './build.mjs'
import { root } from './entry-points.mjs'

const [node, , program, ...args] = process.argv
const path = join(root, program)
process.argv = [node, path, ...args]
await import(pathToFileURL(path).href)
