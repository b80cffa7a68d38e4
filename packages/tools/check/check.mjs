#!/usr/bin/env node
// Everything that must hold before a change lands: what `npm test` runs. With arguments only the tests, and of these
// the ones that the arguments (vitest's own) choose: `npm test -- manager`. A suite that runs in each browser is chosen by
// the name of its file: `npm test -- workers`.
//
// A step is one line with its time; what it printed is shown when it failed, or when it measures something. Nothing stops at the first failure except
// a failed build, and the last line is the sum: vitest's tests, and each failed step as one more failure.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { chromiumFromNpm } from '../machine/chromium.mjs'
import { engines } from '../machine/engines-found.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const report = join(root, '.cache/vitest.json')
// A suite may be named as its file is: `test/browsers/sign-in.suite.ts`.
const chosen = process.argv
  .slice(2)
  .map((argument) => /^(?:.*[\\/])?([\w-]+)\.suite(?:\.ts)?$/.exec(argument)?.[1] ?? argument)
const suites = readdirSync(join(root, 'test/browsers'))
  .filter((name) => name.endsWith('.suite.ts'))
  .map((name) => name.slice(0, -'.suite.ts'.length))
const isSuite = (argument) => suites.includes(argument)
/** What vitest is told: suites stand in one file. */
const patterns = [...new Set(chosen.map((argument) => (isSuite(argument) ? 'browsers/browsers.test' : argument)))]
const failed = []

// The secrets that the servers of the tests issue, and all that the run shows: no secret may be in what is shown.
const canaries = join(root, '.cache/canaries')
const shown = join(root, '.cache/shown')
for (const folder of [canaries, shown]) rmSync(folder, { recursive: true, force: true })
mkdirSync(shown, { recursive: true })

/** Linter and compiler share out a program among threads, which work out the same types anew; and two steps run at a time. */
const oneThread = { GOMAXPROCS: '1', GOGC: '400' }

/** Independent of each other, the long ones first; two at a time. */
const steps = [
  ['packed packages', 'node', ['packages/tools/check/packed.mjs']],
  ['api and static graph', 'node', ['packages/tools/check/api.mjs']],
  ['format', 'oxfmt', ['--check']],
  // One program for both: rules and the compiler's own messages.
  ['lint and types', 'oxlint', ['--type-aware', '--type-check', '--deny-warnings']],
  ['docs', 'node', ['packages/tools/check/docs.mjs']],
  ['unused', 'knip', ['--no-progress']],
  ['zod', 'node', ['packages/tools/check/zod.mjs']],
]

if (await step('build', 'node', ['packages/tools/build/build.mjs'])) {
  if (chosen.length === 0) {
    const waiting = [...steps]
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await step(...next)
    }
    await Promise.all([work(), work()])
    // Alone: it measures.
    await step(
      'what a service loads',
      'node',
      ['--disable-warning=ExperimentalWarning', 'packages/tools/check/node-budget.mjs'],
      'show',
    )
  }
  await tests()
  if (chosen.length === 0 && process.env.CHROMIUM !== undefined)
    await step(
      'what a page downloads',
      'node',
      ['--disable-warning=ExperimentalWarning', 'packages/tools/check/page-budget.mjs'],
      'show',
    )
  // A few chosen tests may well issue nothing.
  if (chosen.length === 0 || existsSync(canaries))
    await step('no secret shown', 'node', ['packages/tools/check/canaries.mjs', canaries, shown], 'show')
}
close()

/** Runs one step and says how it went. */
async function step(name, command, args, show) {
  const started = performance.now()
  const { status, output } = await run(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)`)
  if (show && output !== '') console.log(output.trimEnd().replaceAll(/^/gm, '  '))
  if (status === 0) return true
  failed.push(name)
  console.log(`${show ? '' : output.trimEnd()}\n  ${[command, ...args].join(' ')}: exit code ${status}`)
  return false
}

async function tests() {
  const chromium = engines.find(({ name }) => name === 'Chromium')
  chromium.path ??= chromiumFromNpm()
  if (chromium.path !== undefined) process.env.CHROMIUM = chromium.path
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = await run('vitest', ['run', ...reporters, ...patterns], {
    cwd: join(root, 'test'),
    stdio: ['inherit', 'pipe', 'pipe'],
    // vitest sees a pipe and would write no colours, but its output ends up on a terminal.
    env: {
      REGISTRANT_CANARIES: canaries,
      REGISTRANT_SHOWN: shown,
      ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
      ...(chosen.some(isSuite) && { REGISTRANT_SUITES: chosen.filter(isSuite).join() }),
    },
    echo: true,
  })
  if (status !== 0) process.exitCode = 1
}

function run(command, args, { env, echo = false, ...options }) {
  const PATH = [join(root, 'node_modules/.bin'), join(root, 'test/node_modules/.bin'), process.env.PATH].join(delimiter)
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...oneThread, PATH, ...env }, ...options })
    let output = ''
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        output += text
        if (echo) process[stream].write(text)
      })
    }
    child.once('error', (error) => resolve({ status: 1, output: `${output}${error.message}` }))
    child.once('close', (status, signal) => {
      appendFileSync(join(shown, 'output.txt'), output)
      resolve({ status: status ?? signal, output })
    })
  })
}

/** The last lines: which steps failed, what was left out, and the sum. */
function close() {
  const absent = engines.filter(({ path }) => path === undefined).map(({ name }) => name)
  if (process.env['CI'] === 'true' && chosen.length === 0 && absent.length > 0)
    failed.push(`engines: ${absent.join(', ')}`)
  const leftOut = chosen.length > 0 ? [`everything but tests that match ${chosen.join(' ')}`, ...absent] : absent

  const {
    numPassedTests: passed,
    numFailedTests,
    numPendingTests,
    numTodoTests,
    testResults,
  } = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  let failures = numFailedTests + brokenFiles.length + failed.length
  // A run that ended badly without naming a test, an unhandled rejection for one, is a failure too.
  if (failures === 0 && process.exitCode === 1) failures = 1
  const skipped = numPendingTests + numTodoTests

  console.log('')
  if (failed.length > 0) console.log(`Failed: ${failed.join('; ')}`)
  console.log(`Left out: ${leftOut.join(', ') || 'nothing'}`)
  console.log(`Tests: ${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  process.exitCode = failures > 0 ? 1 : 0
}
