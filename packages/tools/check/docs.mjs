#!/usr/bin/env node
// Compiles what people copy: every ts and js block of README, docs and docstrings, each as a module of its own; a message
// names the page and the line in it. The programs in docs are checked by the linter. And every link to a file of this
// repository leads there. A block behind `<!-- examples/... -->` is that file, to the letter; `--update` writes it anew.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = join(root, '.cache/docs')
const program = /^<!-- (?:\.\.\/)*examples\/\S+ -->$/
const isUpdate = process.argv.includes('--update')
const extensions = { ts: 'ts', typescript: 'ts', js: 'js', javascript: 'js' }
const outside = { cwd: root, exclude: ['**/node_modules/**', 'docs/site/**', 'docs/reference/**'] }

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
// A block may import what a reader of docs can: the packages by their names.
symlinkSync(join(root, 'docs/node_modules'), join(folder, 'node_modules'), 'junction')
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({
    extends: '../../docs/tsconfig.json',
    compilerOptions: {
      allowJs: true,
      checkJs: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      // The declarations that we ship are checked as they are installed (packed.mjs).
      skipLibCheck: true,
    },
    include: ['*.ts', '*.js'],
  }),
)

const origin = new Map()
const pages = ['README.md', ...globSync(['packages/*/README.md', 'docs/**/*.md', '.github/*.md'], outside).toSorted()]
for (const page of pages) {
  show(page)
  extract(page)
  follow(page)
}
for (const file of globSync('packages/{core,node,browser}/src/**/*.ts', outside).toSorted()) extract(file)
if (origin.size === 0) process.exit(0)

const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
  cwd: root,
  encoding: 'utf8',
})
process.stdout.write(
  stdout.replaceAll(/^(\S*?)([^\s/]+\.(?:ts|js))(?=\()/gm, (all, _, file) => origin.get(file) ?? all),
)
process.exit(status || process.exitCode || 0)

/** Writes each block at the line where it stands in its page, so that messages carry the page's line numbers. */
function extract(page) {
  const lines = readFileSync(join(root, page), 'utf8').split('\n')
  // In source a block stands in a docstring.
  const comment = page.endsWith('.ts') ? /^\s*\* ?/ : ''
  let block
  // A program is compiled where it lies.
  let isProgram = false
  for (const [index, line] of lines.entries()) {
    const said = line.replace(comment, '')
    if (block === undefined && said !== '' && !said.startsWith('```')) isProgram = program.test(said)
    const fence = /^\s*```(\w*)/.exec(said)
    if (fence === null) block?.push(said)
    else if (block === undefined) block = [fence[1], ...Array.from({ length: index }, () => '')]
    else {
      const [language, ...text] = block
      block = undefined
      const extension = extensions[language]
      if (extension === undefined || isProgram) continue
      const file = `${page.replaceAll(/[^\w-]/g, '-')}-${index}.${extension}`
      origin.set(file, page)
      writeFileSync(join(folder, file), text.join('\n'))
    }
  }
}

/** Compares the programs that a page shows with their files, which are compiled and run. */
function show(page) {
  const before = readFileSync(join(root, page), 'utf8')
  const shown = before.replaceAll(
    /(^<!-- ((?:\.\.\/)*examples\/\S+) -->\n\n```\w+\n)[^]*?(^```$)/gm,
    (_, start, file, end) => `${start}${readFileSync(join(root, dirname(page), file), 'utf8')}${end}`,
  )
  if (shown === before) return
  if (isUpdate) return writeFileSync(join(root, page), shown)
  console.log(`${page} shows a program of docs/examples as it was: node packages/tools/check/docs.mjs --update`)
  process.exitCode = 1
}

/** Looks whether the files are there that a page links to. */
function follow(page) {
  const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)
  for (const [, link] of links) {
    if (existsSync(join(root, dirname(page), link))) continue
    console.log(`${page}: ${link} leads nowhere`)
    process.exitCode = 1
  }
}
