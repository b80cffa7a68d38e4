import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const installed = join(import.meta.dirname, 'node_modules')

/** How a project tells the compiler what its modules are. */
const settings = {
  node16: { module: 'node16' },
  nodenext: { module: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  preserve: { module: 'preserve', moduleResolution: 'bundler' },
}

const plain = { lib: ['es2022', 'dom'], types: [] }
const service = { lib: ['es2022'], types: ['node'], typeRoots: [join(installed, '@types')] }
const inNode = ['node16', 'nodenext']
const entryPoints = [
  'checks',
  'encrypted-store',
  'exchange',
  'handover',
  'identity',
  'keys',
  'profiles',
  'schema',
  'testing',
]

interface Program {
  code: string
  options: object
  /** Whether the package around it is CommonJS. */
  isCommonJs?: boolean
}

/** What is compiled, declarations of dependencies included. */
const programs: Readonly<Record<string, Program>> = {
  'a service': {
    options: service,
    code: `import { fileStore, RegistrationManager } from '@registrant/node'
      const metadata = { redirect_uris: ['https://orders.example/callback'] }
      const store = fileStore('/var/lib/orders')
      const manager = new RegistrationManager({ issuer: 'https://as.example', application: 'orders', metadata, store })
      export const client: Promise<string> = manager.ensure().then(({ client_id }) => client_id)`,
  },
  'every entry point': {
    options: plain,
    code: ['', ...entryPoints.map((name) => `/${name}`)]
      .map((path, index) => `export * as entry${index} from '@registrant/core${path}'`)
      .join('\n'),
  },
  'types alone': {
    options: plain,
    code: `import type { RegistrationRequest, RegistrationResponse } from '@registrant/core'
      export interface Registers { register(metadata: RegistrationRequest): Promise<RegistrationResponse> }
      export const nameOf = (metadata: RegistrationRequest): string => metadata.client_name ?? 'unnamed'`,
  },
  'CommonJS: `import()`': {
    options: service,
    isCommonJs: true,
    code: `export const start = async (): Promise<string> => {
      const { memoryStore, RegistrationManager } = await import('@registrant/node')
      const given = { issuer: 'https://as.example', application: 'orders', store: memoryStore() }
      return (await new RegistrationManager({ ...given, metadata: { redirect_uris: [] } }).ensure()).client_id
    }`,
  },
  'CommonJS: `import`': {
    options: service,
    isCommonJs: true,
    code: `import { memoryStore } from '@registrant/node'\nexport const store = memoryStore()`,
  },
}

/** What a compiler says under a setting: `✓`, or the code of its first error, for each program. */
export interface Compiled {
  compiler: string
  setting: string
  verdicts: Record<string, string>
}

export const columns: readonly string[] = Object.keys(programs)

/** Compiles every program by every compiler under every setting, in a project that has our packages. */
export async function compiled(project: string): Promise<Compiled[]> {
  const rows: Compiled[] = []
  for (const compiler of ['5.4', '5.9', '6.0', '7.0'])
    for (const [setting, options] of Object.entries(settings)) {
      const verdicts: Record<string, string> = {}
      for (const [name, program] of Object.entries(programs))
        if (program.isCommonJs !== true || inNode.includes(setting))
          verdicts[name] = await verdictOf(compiler, options, program, join(project, 'types'))
      console.log(`  TypeScript ${compiler}, ${setting}: ${Object.values(verdicts).join(' ')}`)
      rows.push({ compiler, setting, verdicts })
    }
  return rows
}

async function verdictOf(compiler: string, setting: object, program: Program, folder: string): Promise<string> {
  const { code, options, isCommonJs = false } = program
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'es2022',
    outDir: 'out',
  }
  const compilerOptions = { ...strict, rootDir: '.', ...setting, ...options }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: isCommonJs ? 'commonjs' : 'module' }))
  await writeFile(join(folder, 'main.ts'), code)
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
  const tsc = join(installed, `typescript-${compiler}/bin/tsc`)
  const said = await run(process.execPath, [tsc, '--pretty', 'false'], { cwd: folder }).then(
    () => '',
    (error: unknown) => String(Object(error).stdout),
  )
  if (said !== '') return /TS\d+/.exec(said)?.[0] ?? said
  // Types alone leave nothing behind.
  const emitted = await readFile(join(folder, 'out/main.js'), 'utf8')
  return code.startsWith('import type') && /registrant/.test(emitted) ? 'an import is left' : '✓'
}
