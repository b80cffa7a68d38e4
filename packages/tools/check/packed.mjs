#!/usr/bin/env node
// What a user gets: the packages are packed, judged by publint and attw, installed in an empty project, and there every
// entry point is imported and its types are checked, dependencies' declarations included. In another project, with test
// runners, `startTestServer()` serves its tests.
import { spawn } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { packages, root } from '../build/entry-points.mjs'
import { runs, testFiles } from './outside.mjs'
import { unlessUnchanged } from './unchanged.mjs'

const folder = join(root, '.cache/packed')
const project = join(folder, 'project')

const tarballs = new Map(
  packages.map(({ name, short, manifest }) => [name, join(folder, `registrant-${short}-${manifest.version}.tgz`)]),
)
const { catalog } = readCatalog()

mkdirSync(folder, { recursive: true })
await Promise.all(packages.map((it) => run('pnpm', ['pack', '--pack-destination', folder], it.folder)))
const here = fileURLToPath(import.meta.url)
const restsOn = () => [...tarballs.values(), join(root, 'pnpm-lock.yaml'), here, join(here, '../outside.mjs')]
await unlessUnchanged('packed', restsOn, async () => {
  await install(project, ['@types/node'])
  await importEveryEntryPoint()
  for (const tarball of tarballs.values()) {
    await run('publint', ['run', '--strict', tarball])
    await run('attw', [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii'])
  }
  for (const resolution of ['nodenext', 'bundler']) {
    await checkTypes(resolution, 'dom', ['core', 'browser'])
    await checkTypes(resolution, 'node', ['core', 'node'])
  }
  await testOutside()
})

/** A project beside the workspace, with our tarballs as its only dependencies, and these to develop with. */
async function install(at, development) {
  rmSync(at, { recursive: true, force: true })
  mkdirSync(at)
  const ours = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]))
  const manifest = {
    name: basename(at),
    private: true,
    type: 'module',
    dependencies: ours,
    devDependencies: Object.fromEntries(development.map((name) => [name, catalog[name]])),
  }
  writeFileSync(join(at, 'package.json'), JSON.stringify(manifest, undefined, 2))
  writeFileSync(join(at, 'pnpm-workspace.yaml'), JSON.stringify({ overrides: ours, pmOnFail: 'ignore' }, undefined, 2))
  await run('pnpm', ['install', '--prefer-offline', '--no-frozen-lockfile', '--silent'], at)
}

/** Runs the tests of a user's project, which has its own folder, so that no test runner is found where only we are installed. */
async function testOutside() {
  const outside = join(folder, 'outside')
  await install(outside, ['oidc-provider', 'vite', 'vitest'])
  for (const [name, text] of Object.entries(testFiles)) writeFileSync(join(outside, name), text)
  for (const [runner, args] of runs) {
    const installed = join(outside, 'node_modules/.bin', runner)
    await run(runner === 'node' ? process.execPath : installed, args, outside)
  }
}

/** Imports every entry point, those of data too: the file that an `exports` string leads to, and each file of a pattern. */
async function importEveryEntryPoint() {
  const code = packages.flatMap(({ entryPoints }) =>
    entryPoints.flatMap(({ specifier }) => (specifier ? [`import '${specifier}'`] : [])),
  )
  const data = packages.flatMap(({ name, manifest }) =>
    Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === 'string')
      .flatMap(([entryPoint, target]) => {
        const cwd = join(project, 'node_modules', name)
        const files = globSync(target, { cwd })
        if (files.length === 0) throw new Error(`${name}: ${entryPoint} leads to nothing in the package`)
        const [before = '', after = ''] = target.replace(/^\.\//, '').split('*')
        return files.map(
          (file) => name + entryPoint.slice(1).replace('*', file.slice(before.length, file.length - after.length)),
        )
      }),
  )
  const lines = [...code, ...data.map((specifier) => `import '${specifier}' with { type: 'json' }`)]
  writeFileSync(join(project, 'every-entryPoint.js'), `${lines.join('\n')}\n`)
  // An import that opened something would keep the process alive.
  await run(process.execPath, ['every-entryPoint.js'], project, 20_000)
}

async function checkTypes(resolution, platform, shorts) {
  const file = `${resolution}-${platform}`
  const specifiers = packages
    .filter(({ short }) => shorts.includes(short))
    .flatMap(({ entryPoints }) => entryPoints.flatMap(({ specifier }) => specifier ?? []))
  writeFileSync(
    join(project, `${file}.ts`),
    specifiers.map((name, index) => `export * as entry${index} from '${name}'\n`).join(''),
  )
  writeJson(`tsconfig.${file}.json`, {
    compilerOptions: {
      module: resolution === 'bundler' ? 'esnext' : 'nodenext',
      moduleResolution: resolution,
      target: 'es2023',
      lib: platform === 'dom' ? ['es2023', 'dom', 'dom.iterable'] : ['es2023'],
      types: platform === 'dom' ? [] : ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      // All but the compiler's own library.
      skipDefaultLibCheck: true,
      noEmit: true,
    },
    files: [`${file}.ts`],
  })
  await run('tsc', ['-p', `tsconfig.${file}.json`], project)
}

function readCatalog() {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const lines = text.slice(text.indexOf('\ncatalog:')).matchAll(/^ {2}'?([^':]+)'?: (\S+)$/gm)
  return { catalog: Object.fromEntries([...lines].map(([, name, version]) => [name, version])) }
}

function writeJson(name, value) {
  writeFileSync(join(project, name), JSON.stringify(value, undefined, 2))
}

/** Ends this program with what the command printed when it fails. */
function run(command, args, cwd = root, timeout = 120_000) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, timeout })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('close', (status, signal) => {
      if (status === 0) return resolve()
      console.log(`${output.trimEnd()}\n${[command, ...args].join(' ')}: ${signal ?? `exit code ${status}`}`)
      process.exit(1)
    })
  })
}
