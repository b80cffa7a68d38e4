import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const majors = [22, 24, 26]
const simulate = join(import.meta.dirname, '../simulation/simulate.ts')

/** Releases of Node that tell another story than the first one, of 200 seeds of the simulation. */
export async function otherStories(): Promise<string[]> {
  const [first, ...others] = await Promise.all(majors.map(digests))
  return others.flatMap((told, index) => (told === first ? [] : [`Node ${majors[index + 1]} tells other stories`]))
}

async function digests(major: number): Promise<string> {
  const node = join(import.meta.dirname, `node_modules/node-${major}/bin/node`)
  const asked = ['--disable-warning=ExperimentalWarning', simulate, '--digests', '--count', '200']
  const { stdout } = await promisify(execFile)(node, asked, { cwd: join(import.meta.dirname, '..'), timeout: 240_000 })
  if (stdout.trim().split('\n').length !== 200) throw new Error(`Node ${major} did not tell 200 stories`)
  return stdout
}
