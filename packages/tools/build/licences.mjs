// The licences of what is compiled into a package, in one text.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The licence texts of the packages that these modules belong to; throws when one has none. */
export function licencesOf(modules) {
  const folders = new Set(
    modules.flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0] ?? []),
  )
  return [...folders].toSorted().map(licence).join('\n')
}

function licence(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const [file] = globSync('{LICEN[CS]E,licen[cs]e}*', { cwd: folder })
  if (file === undefined) throw new Error(`${name} is compiled in, but no licence of it is in ${folder}`)
  return `${name} ${version} is compiled into this package. Its licence:\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
