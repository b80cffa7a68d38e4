// What `npm run bench` runs: everything that is compared, each in turn with the others in this one run. Arguments choose
// subjects by name, `--rounds N` asks for fewer or more of them, and `--save` puts what was measured into docs/performance.md.
import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { subjects } from './subjects/index.ts'
import { measured } from './results.ts'
import { save } from './docs.ts'
import { textOf } from './tables.ts'
import { inTurns } from './turns.ts'

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' }, save: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const isMeant = (name: string): boolean =>
  positionals.some((chosen) => name === chosen || name.startsWith(`${chosen}-`))
const chosen = positionals.length === 0 ? subjects : subjects.filter(({ name }) => isMeant(name))
if (chosen.length === 0) {
  console.error(`There are: ${subjects.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}
const installed = spawnSync('pnpm', ['install', '--frozen-lockfile', '--silent'], {
  cwd: import.meta.dirname,
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
if (installed.status !== 0) process.exit(1)

const results = []
for (const subject of chosen) {
  const rounds = values.rounds === undefined ? subject.rounds : Number(values.rounds)
  await using opened = await subject.open()
  const result = measured(subject, await inTurns(opened.ways, rounds), rounds)
  console.log(`${textOf(result)}\n`)
  results.push(result)
}

const cache = join(import.meta.dirname, '../../.cache')
await mkdir(cache, { recursive: true })
const file = join(cache, 'bench.json')
await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`)
console.log(`As JSON: ${file}`)
if (values.save) await save(results)
process.exit()
