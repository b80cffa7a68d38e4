import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const installed = (path: string): string => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url))
const packages = fileURLToPath(new URL('../../packages', import.meta.url))

/** What a compiler says of a program that uses our packages as they are installed. */
export interface Compiled {
  /** The messages, each after the line that it is about; none where it compiles. */
  errors: string[]
  /** Every file that the program consists of. */
  files: string[]
  /** What was written for the program's one file. */
  output: string
}

/**
 * Compiles a program of one file in a project of its own, with a copy of our packages' declarations. `decay` changes those
 * of core before: a type that has got worse. `peers` are packages of others that the program may use too.
 */
export function compile(
  program: string,
  {
    options = {},
    decay,
    compiler = 'typescript',
    peers = [],
  }: {
    options?: object
    decay?: (declaration: string) => string
    compiler?: string
    peers?: readonly string[]
  } = {},
): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'registrant-'))
  const at = (...path: string[]): string => join(folder, ...path)
  try {
    for (const name of ['core', 'node', 'browser'])
      for (const path of ['package.json', 'dist/types'])
        cpSync(join(packages, name, path), at('node_modules/@registrant', name, path), { recursive: true })
    for (const peer of peers) symlinkSync(installed(peer), at('node_modules', peer))
    if (decay !== undefined)
      for (const path of globSync(at('node_modules/@registrant/core/dist/types/model/**/*.d.ts')))
        writeFileSync(path, decay(readFileSync(path, 'utf8')))
    writeFileSync(at('package.json'), '{ "type": "module" }')
    writeFileSync(at('main.ts'), program)
    const compilerOptions = { ...usual, ...options }
    writeFileSync(at('tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
    const { stdout } = spawnSync(
      process.execPath,
      [installed(`${compiler}/bin/tsc`), '--listFiles', '--pretty', 'false'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    )
    const lines = stdout.split('\n').filter((line) => line !== '')
    const source = program.split('\n')
    return {
      errors: lines
        .filter((line) => /error TS\d/.test(line))
        .map((line) => `${source[Number(/^main\.ts\((\d+)/.exec(line)?.[1]) - 1] ?? ''} ${line}`),
      files: lines.filter((line) => line.startsWith('/')),
      output: existsSync(at('out/main.js')) ? readFileSync(at('out/main.js'), 'utf8') : '',
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const usual = {
  target: 'es2023',
  lib: ['es2023', 'dom'],
  module: 'nodenext',
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  // The compiler's own library is not judged here, and checking it is half of what a program costs.
  skipDefaultLibCheck: true,
  outDir: 'out',
}
