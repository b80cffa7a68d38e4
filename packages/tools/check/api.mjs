#!/usr/bin/env node
// What an entry point offers (`packages/*/api/*.api.md`) and what its import loads (`packages/tools/check/static-graph.json`) are kept in git, so
// that a change of either is seen in review. Compares; with `--update` writes them anew.
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { packages, root } from '../build/entry-points.mjs'
import { staticGraph } from './static-graph.mjs'
import { unlessUnchanged } from './unchanged.mjs'

/** Types that are a part of exported ones and that nobody needs to import by name. */
const nameless = new Set(['KeepingOptions', 'OpenString', 'SharedOptions', 'WebCryptoKey'])

const patterns = ['packages/*/api/*.api.md', 'packages/tools/check/static-graph.json']
const fresh = join(root, '.cache/api')
const restsOn = () =>
  globSync(
    ['pnpm-lock.yaml', 'packages/tools/{build,check}/*.*', 'packages/*/{package.json,api/*.api.md,dist/.build.json}'],
    {
      cwd: root,
    },
  )
    .toSorted()
    .map((path) => join(root, path))

if (process.argv.includes('--update')) {
  await make()
  for (const path of globSync(patterns, { cwd: root })) rmSync(join(root, path))
  for (const path of globSync(patterns, { cwd: fresh })) cpSync(join(fresh, path), join(root, path))
} else
  await unlessUnchanged('api', restsOn, async () => {
    await make()
    const [kept, made] = [globSync(patterns, { cwd: root }), globSync(patterns, { cwd: fresh })]
    for (const path of new Set([...kept, ...made]))
      compare(
        path,
        kept.includes(path) ? join(root, path) : '/dev/null',
        made.includes(path) ? join(fresh, path) : '/dev/null',
      )
    if (process.exitCode === 1) console.log('\nIf this is meant: pnpm run api, and look at the difference in git.')
    for (const it of packages) mentionOnlyWhatIsExported(it)
  })

async function make() {
  // Loaded late, since it brings a compiler, which a run without changes does not need.
  const { reportsOf } = await import('./api-report.mjs')
  rmSync(fresh, { recursive: true, force: true })
  for (const it of packages)
    for (const [{ entry }, report] of reportsOf(
      it,
      it.entryPoints.filter(({ types }) => types !== undefined),
    ))
      write(`packages/${it.short}/api/${entry.replaceAll('/', '-')}.api.md`, report)
  write('packages/tools/check/static-graph.json', `${JSON.stringify(staticGraph(), undefined, 2)}\n`)
}

function write(path, text) {
  mkdirSync(dirname(join(fresh, path)), { recursive: true })
  writeFileSync(join(fresh, path), text)
}

function compare(path, before, after) {
  const { status, stdout } = spawnSync('git', ['diff', '--no-index', '--no-color', before, after], { encoding: 'utf8' })
  if (status === 0) return
  console.log(`${path} is not what was built:\n${stdout.split('\n').slice(4).join('\n')}`)
  process.exitCode = 1
}

/** Checks that whatever an entry point mentions can be imported from it or from another entry point of its package. */
function mentionOnlyWhatIsExported({ name, short }) {
  const reports = globSync(`packages/${short}/api/*.api.md`, { cwd: fresh }).map((path) =>
    readFileSync(join(fresh, path), 'utf8'),
  )
  const found = (pattern) => reports.flatMap((text) => [...text.matchAll(pattern)].map(([, symbol]) => symbol))
  const exported = new Set(found(/^export (?:abstract )?(?:class|const|function|interface|let|type) (\w+)/gm))
  const mentioned = new Set(found(/\(ae-forgotten-export\) The symbol "(\w+)"/g))
  // The same name again, for a class that extends the one of another entry point.
  const isKnown = (symbol) => exported.has(symbol) || exported.has(symbol.replace(/_\d+$/, '')) || nameless.has(symbol)
  for (const symbol of mentioned) {
    if (isKnown(symbol)) continue
    console.log(`${name}: ${symbol} is part of what an entry point offers, and none exports it`)
    process.exitCode = 1
  }
}
