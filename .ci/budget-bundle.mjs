#!/usr/bin/env node
// What a page pays: the page of docs/ that registers itself, bundled by esbuild and by rolldown as its users do it; the
// worse of the two counts. Sizes are gzip -9, a kB is 1,000 bytes.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { build } from 'esbuild'
import { rolldown } from 'rolldown'

import { root } from './doors.mjs'

const budgets = [
  { name: 'returning visit', kB: 3.2, chunks: (all) => reachable(all, false) },
  { name: 'first visit', kB: 22, chunks: (all) => reachable(all, true) },
]

const page = `
  import { indexedDbStore, RegistrationManager } from '@registrant/browser'
  const manager = new RegistrationManager({
    issuer: 'https://as.example',
    application: 'orders-web',
    metadata: { redirect_uris: [location.origin + '/callback'] },
    store: indexedDbStore(),
  })
  const { client_id } = await manager.ensure()
  document.title = client_id
`

const folder = join(root, 'test/.cache/bundle')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const entry = join(folder, 'page.js')
writeFileSync(entry, page)

const bundles = { esbuild: await byEsbuild(), rolldown: await byRolldown() }
for (const { name, kB, chunks } of budgets) {
  const sizes = Object.entries(bundles).map(([bundler, all]) => [bundler, weigh(chunks(all))])
  const worst = Math.max(...sizes.map(([, size]) => size))
  const told = sizes.map(([bundler, size]) => `${bundler} ${size.toFixed(2)} kB`).join(', ')
  console.log(`${name}: ${told}; budget ${kB} kB`)
  if (!(worst <= kB)) process.exitCode = 1
}

async function byEsbuild() {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    write: false,
    outdir: folder,
    metafile: true,
    legalComments: 'none',
    absWorkingDir: root,
  })
  return outputFiles.map(({ path, text }) => {
    const [, { imports, entryPoint }] = Object.entries(metafile.outputs).find(([file]) => join(root, file) === path)
    const named = (dynamic) =>
      imports.filter(({ kind }) => (kind === 'dynamic-import') === dynamic).map((it) => join(root, it.path))
    return {
      name: path,
      code: text,
      first: entryPoint?.endsWith('page.js'),
      static: named(false),
      dynamic: named(true),
    }
  })
}

async function byRolldown() {
  const bundled = await rolldown({ input: entry, platform: 'browser', logLevel: 'silent' })
  const { output } = await bundled.generate({ format: 'esm', minify: true, legalComments: 'none' })
  await bundled.close()
  return output.map(({ fileName, code, isEntry, imports, dynamicImports }) => ({
    name: fileName,
    code,
    first: isEntry,
    static: imports,
    dynamic: dynamicImports,
  }))
}

/** The chunks that load before the first request, or all that a visit without keys can ask for. */
function reachable(all, dynamically) {
  const found = new Set()
  const waiting = all.filter(({ first }) => first)
  for (let chunk = waiting.pop(); chunk !== undefined; chunk = waiting.pop()) {
    if (found.has(chunk) || /SignJWT|generateKeyPair/.test(chunk.code)) continue
    found.add(chunk)
    const next = [...chunk.static, ...(dynamically ? chunk.dynamic : [])]
    waiting.push(...all.filter(({ name }) => next.includes(name)))
  }
  return [...found]
}

function weigh(chunks) {
  return chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0) / 1000
}
