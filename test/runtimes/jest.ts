import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const installed = join(import.meta.dirname, 'node_modules')

/** What Jest said to a test that is written one way, under each setting: `✓`, or `✗` and its first sentence. */
export interface Jested {
  way: string
  verdicts: Record<string, string>
}

/** How Jest is started and set up. */
const settings: Readonly<Record<string, { flags: readonly string[]; config: object }>> = {
  'with `--experimental-vm-modules`': { flags: ['--experimental-vm-modules'], config: { transform: {} } },
  'without it': { flags: [], config: { transform: {} } },
  'without it, made CommonJS by Babel': {
    flags: [],
    config: {
      transform: { '\\.[cm]?js$': [join(installed, 'babel-jest'), { presets: [presetEnv()] }] },
      transformIgnorePatterns: [],
    },
  },
}

/** Babel's preset for the Node that runs, with modules that Jest can load without its flag. */
function presetEnv(): unknown[] {
  return [join(installed, '@babel/preset-env'), { targets: { node: 'current' }, modules: 'commonjs' }]
}

// Nobody listens there: the manager loads all that a request needs, and says so.
const body = `
  const given = { issuer: 'http://127.0.0.1:1', application: 'a', metadata: { redirect_uris: ['https://a.example/cb'] } }
  const manager = new RegistrationManager({ ...given, store: fileStore(__folder) })
  expect((await manager.status()).state).toBe('absent')
  await expect(manager.ensure()).rejects.toThrow('Nothing was sent')
  await manager.close()`
const test = (lines: string): string =>
  `test('a manager keeps files, and asks a server', async () => {${lines}${body}\n})\n`
const names = '{ fileStore, RegistrationManager }'

/** A test for each way to load an ES module. */
const ways: Readonly<Record<string, { file: string; code: string }>> = {
  '`import`': {
    file: 'import.test.mjs',
    code: `import ${names} from '@registrant/node'\n${test('')}`,
  },
  '`import()` in CommonJS': {
    file: 'late-import.test.cjs',
    code: test(`\n  const ${names} = await import('@registrant/node')`),
  },
  '`require()`': { file: 'require.test.cjs', code: test(`\n  const ${names} = require('@registrant/node')`) },
}

export const jestSettings: readonly string[] = Object.keys(settings)

/** Runs a test of each way under each setting, in a project that has our packages. */
export async function jested(project: string): Promise<Jested[]> {
  const folder = join(project, 'jest')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'commonjs' }))
  const rows: Jested[] = []
  for (const [way, { file, code }] of Object.entries(ways)) {
    await writeFile(join(folder, file), code)
    const verdicts: Record<string, string> = {}
    for (const [setting, { flags, config }] of Object.entries(settings))
      verdicts[setting] = await verdictOf(folder, file, flags, config)
    console.log(`  Jest, ${way}: ${Object.values(verdicts).join(' | ')}`)
    rows.push({ way, verdicts })
  }
  return rows
}

async function verdictOf(folder: string, file: string, flags: readonly string[], config: object): Promise<string> {
  const testMatch = [`<rootDir>/${file}`]
  const moduleFileExtensions = ['js', 'mjs', 'cjs', 'json']
  const given = {
    testEnvironment: 'node',
    testTimeout: 60_000,
    testMatch,
    moduleFileExtensions,
    rootDir: folder,
    globals: { __folder: join(folder, 'store') },
    ...config,
  }
  await writeFile(join(folder, 'jest.config.json'), JSON.stringify(given))
  const jest = join(installed, 'jest/bin/jest.js')
  const args = [...flags, jest, '--config', 'jest.config.json', '--no-cache']
  const said = await run(process.execPath, args, { cwd: folder, timeout: 120_000 }).then(
    () => undefined,
    (error: unknown) => String(Object(error).stderr),
  )
  if (said === undefined) return '✓'
  const sentence = /(Must use import to load ES Module|A dynamic import callback was invoked without [\w-]+)/.exec(
    said,
  )?.[0]
  return sentence === undefined ? `✗ ${said.slice(0, 2000)}` : `Jest: ${sentence}`
}
