// The reference: a page for each entry point, of the declarations that are shipped. An exported name without a docstring
// ends it with 1.
import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Application, type DeclarationReflection, ReflectionKind } from 'typedoc'

// @ts-expect-error: plain JavaScript, shared with the build
import { packages, root } from '../../packages/tools/build/entry-points.mjs'

const docs = fileURLToPath(new URL('..', import.meta.url))
const out = join(docs, 'reference')

const rank = ({ specifier = '' }: EntryPoint): number =>
  ['@registrant/core', '@registrant/node', '@registrant/browser'].findIndex((name) => specifier.startsWith(name))

interface EntryPoint {
  specifier?: string
  types: string
}
const entryPoints: EntryPoint[] = packages
  .flatMap((it: { entryPoints: EntryPoint[] }) => it.entryPoints)
  // What node and browser hand on of core has its page there.
  .filter(({ specifier, types }: EntryPoint) => specifier !== undefined && !types.includes('/entries/'))
  // One that has two names is told under the first.
  .filter(
    ({ types }: EntryPoint, index: number, all: EntryPoint[]) => all.findIndex((it) => it.types === types) === index,
  )
  // The first that exports a name has it; the others lead there.
  .toSorted((a: EntryPoint, b: EntryPoint) => rank(a) - rank(b))

rmSync(out, { recursive: true, force: true })
const app = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: entryPoints.map(({ types }) => types),
  tsconfig: fileURLToPath(new URL('tsconfig.reference.json', import.meta.url)),
  name: 'Reference',
  readme: 'none',
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  githubPages: false,
  sort: ['source-order'],
  validation: {
    notExported: false,
    invalidLink: false,
    notDocumented: false,
    rewrittenLink: false,
    unusedMergeModuleWith: false,
  },
  logLevel: 'Warn',
  outputs: [{ name: 'markdown', path: out }],
})
app.options.setValue('router', 'module')
app.options.setValue('hideBreadcrumbs', true)
app.options.setValue('hidePageHeader', true)
const project = await app.convert()
if (project === undefined) process.exit(1)

const place = (path: string): string => path.replaceAll('\\', '/').replace(/(?:\/index)?\.d\.ts$/, '')

// A module is called what people import.
const bare = new Set<string>()
for (const module of project.children ?? []) {
  const found = entryPoints.filter(({ types }) => place(types) === place(join(root, 'packages', `${module.name}.d.ts`)))
  if (found.length !== 1) throw new Error(`Which entry point is ${module.name}?`)
  module.name = found[0]?.specifier ?? module.name
  for (const member of module.children ?? []) if (!isDocumented(member)) bare.add(`${module.name}: ${member.name}`)
}
await app.generateOutputs(project)
console.log(`${(project.children ?? []).length} entry points -> ${relative(root, out)}`)
if (bare.size > 0) {
  console.error(`Without a docstring:\n  ${[...bare].join('\n  ')}`)
  process.exitCode = 1
}

function isDocumented(member: DeclarationReflection): boolean {
  if (member.kindOf(ReflectionKind.Reference)) return true
  return (
    member.hasComment() ||
    (member.signatures ?? []).some((it) => it.hasComment()) ||
    (member.type?.type === 'reflection' && member.type.declaration.hasComment())
  )
}
