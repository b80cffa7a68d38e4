#!/usr/bin/env node
// What a door offers (`packages/*/api/*.api.md`) and what its import loads (`.ci/static-graph.json`) are kept in git, so
// that a change of either is seen in review. Compares; with `--update` writes them anew.
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'

import { packages, root } from './doors.mjs'
import { staticGraph } from './static-graph.mjs'

const update = process.argv.includes('--update')
const fresh = join(root, '.cache/api')
rmSync(fresh, { recursive: true, force: true })

for (const it of packages) for (const door of it.doors.filter(({ types }) => types !== undefined)) report(it, door)
writeFresh('.ci/static-graph.json', `${JSON.stringify(staticGraph(), undefined, 2)}\n`)

const kept = globSync(['packages/*/api/*.api.md', '.ci/static-graph.json'], { cwd: root })
const made = globSync(['packages/*/api/*.api.md', '.ci/static-graph.json'], { cwd: fresh })
for (const path of new Set([...kept, ...made])) {
  const [before, after] = [join(root, path), join(fresh, path)]
  if (update && made.includes(path)) cpSync(after, before)
  else if (update) rmSync(before)
  else compare(path, kept.includes(path) ? before : '/dev/null', made.includes(path) ? after : '/dev/null')
}
if (process.exitCode === 1) console.log('\nIf this is meant: pnpm run api, and look at the difference in git.')
for (const it of packages) mentionOnlyWhatIsExported(it)

function report({ short, folder }, { entry, types }) {
  const reportFolder = join(fresh, 'packages', short, 'api')
  mkdirSync(reportFolder, { recursive: true })
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(folder, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      apiReport: {
        enabled: true,
        reportFileName: `${entry.replaceAll('/', '-')}.api.md`,
        reportFolder,
        reportTempFolder: join(fresh, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2023',
            module: 'nodenext',
            lib: ['es2023', 'dom'],
            types: short === 'node' ? ['node'] : [],
            strict: true,
            skipLibCheck: true,
          },
          files: [types],
        },
      },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  })
  const problems = []
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      if (message.logLevel === 'error') problems.push(message.text)
      message.handled = true
    },
  })
  if (!succeeded) throw new Error(`${relative(root, types)}: ${problems.join('\n')}`)
}

/** Whatever a door mentions can be imported from it or from another door of its package. */
function mentionOnlyWhatIsExported({ name, short }) {
  const reports = globSync(`packages/${short}/api/*.api.md`, { cwd: fresh }).map((path) =>
    readFileSync(join(fresh, path), 'utf8'),
  )
  const found = (pattern) => reports.flatMap((text) => [...text.matchAll(pattern)].map(([, symbol]) => symbol))
  const exported = new Set(found(/^export (?:abstract )?(?:class|const|function|interface|let|type) (\w+)/gm))
  const mentioned = new Set(found(/\(ae-forgotten-export\) The symbol "(\w+)"/g))
  for (const symbol of mentioned.difference(exported)) {
    console.log(`${name}: ${symbol} is part of what a door offers, and no door exports it`)
    process.exitCode = 1
  }
}

function writeFresh(path, text) {
  mkdirSync(dirname(join(fresh, path)), { recursive: true })
  writeFileSync(join(fresh, path), text)
}

function compare(path, before, after) {
  const { status, stdout } = spawnSync('git', ['diff', '--no-index', '--no-color', before, after], { encoding: 'utf8' })
  if (status === 0) return
  console.log(`${path} is not what was built:\n${stdout.split('\n').slice(4).join('\n')}`)
  process.exitCode = 1
}
