// Bundles the page in a folder, as the users of a bundler do it: `node bundle.mjs BUNDLER FOLDER` writes FOLDER/out and prints what
// the bundler warned of; `--version BUNDLER` prints its version.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const [, , name, folder] = process.argv
const [entry, out] = [join(folder, 'page.js'), join(folder, 'out')]
const warnings = []

/** A program of the workspace, in the folder of the page. */
function run(program, ...args) {
  const command = join(import.meta.dirname, 'node_modules/.bin', program)
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', PARCEL_WORKERS: '1', CI: '1' }
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
  warnings.push(...`${stdout}${stderr}`.split('\n').filter((line) => /warn/i.test(line)))
}

const bundlers = {
  async esbuild() {
    const { build } = await import('esbuild')
    const result = await build({
      entryPoints: [entry],
      bundle: true,
      splitting: true,
      format: 'esm',
      outdir: out,
      minify: true,
    })
    warnings.push(...result.warnings.map(({ text }) => text))
  },
  async rollup() {
    const [{ rollup }, { nodeResolve }] = [await import('rollup'), await import('@rollup/plugin-node-resolve')]
    const onwarn = ({ message }) => warnings.push(message)
    const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true })], onwarn })
    await bundle.write({ dir: out, format: 'es' })
  },
  async rolldown() {
    const { rolldown } = await import('rolldown')
    const onLog = (_, { message }) => warnings.push(message)
    const bundle = await rolldown({ input: entry, platform: 'browser', onLog })
    await bundle.write({ dir: out, format: 'esm', minify: true })
  },
  async webpack() {
    const { default: webpack } = await import('webpack')
    const output = { path: out, filename: 'page.js', publicPath: '/' }
    const compiler = webpack({ mode: 'production', context: folder, entry, output, performance: { hints: false } })
    const stats = await new Promise((resolve, reject) => {
      compiler.run((error, done) =>
        error ? reject(error) : resolve(done.toJson({ all: false, errors: true, warnings: true })),
      )
    })
    if (stats.errors.length > 0) throw new Error(stats.errors.map(({ message }) => message).join('\n'))
    warnings.push(...stats.warnings.map(({ message }) => message))
  },
  vite: async () => run('vite', 'build', '--outDir', 'out', '--logLevel', 'warn'),
  parcel: async () => run('parcel', 'build', 'index.html', '--dist-dir', 'out', '--no-cache', '--no-source-maps'),
  next: async () => run('next', 'build', '--webpack'),
}

if (name === '--version') {
  const path = dirname(require.resolve(folder)).replace(/(node_modules\/(?!.*node_modules\/)[^/]+).*/, '$1')
  console.log(JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')).version)
} else {
  await bundlers[name]()
  console.log(JSON.stringify(warnings))
}
