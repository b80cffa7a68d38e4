import { resolve } from 'node:path'

import { readConfigFile } from './config-file.ts'
import { filedMembers, fileMembers, memberNames, variableOf } from './members.ts'
import { codeOf, nearest, notText, textIn } from './mistakes.ts'
import type { Mistakes } from './mistakes.ts'
import { readWhole } from './read.ts'

/** A value that was given, and by which variable or member (`label`), for messages. */
export interface Given {
  value: unknown
  label: string
  /** Where relative paths start. */
  folder: string
}

/** Variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A configuration file that was named, the option or variable that named it, and its content if it is not written yet. */
export interface NamedConfig {
  path: string
  by: string
  toSay?: object
}

/** What environment and configuration file say, member by member. A variable outweighs the file; an empty one is not set. */
export async function collect(
  env: Environment,
  config: NamedConfig | undefined,
  mistakes: Mistakes,
): Promise<Map<string, Given>> {
  const variable = variableOf('config')
  const named = config?.path ?? (env[variable] || undefined)
  const file = await readConfigFile(named, config?.by ?? variable, mistakes, config?.toSay)
  // Where the file can't be read, its members are not reported as missing.
  if (file === undefined) mistakes.refuse()
  const given = new Map<string, Given>()
  for (const [member, value] of Object.entries(file?.said ?? {}))
    if (file !== undefined && value !== undefined && Object.hasOwn(fileMembers, member))
      given.set(member, { value, label: `${member} in ${file.name}`, folder: file.folder })
  for (const member of memberNames) {
    const label = variableOf(member)
    const value = env[label]
    if (value === undefined || value === '') continue
    for (const other of rivalsOf(member)) if (!isFromEnvironment(given.get(other))) given.delete(other)
    given.set(member, { value: converted(member, value), label, folder: currentFolder(label, mistakes) })
  }
  misspelt(env, mistakes)
  await readFiles(given, mistakes)
  return given
}

/** The folder where the paths of variables start. It may have been removed while the process runs. */
function currentFolder(label: string, mistakes: Mistakes): string {
  try {
    return process.cwd()
  } catch {
    mistakes.add(label, 'The current folder of this process is not there any more. Start it in one that is.')
    mistakes.refuse()
    return ''
  }
}

/** The other name of a value: of a secret, or of the file that holds it. A variable of one replaces the other in a file. */
const rivalsOf = (member: string): string[] =>
  [`${member}File`, member.replace(/File$/, '')].filter((it) => it !== member)

const isFromEnvironment = (given: Given | undefined): boolean => given?.label.startsWith('REGISTRANT_') === true

/** Converts a variable's text to the type that the member has in a file. What can't be converted stays text, and is refused. */
function converted(member: string, value: string): unknown {
  if (member === 'generation') return /^\d+$/.test(value) ? Number(value) : value
  if (member === 'keys' || member === 'expectExisting') return inJson(value)
  return member === 'allowHttp' ? originsIn(value) : value
}

/** The origins that a variable lists. */
export const originsIn = (list = ''): string[] => list.split(/[\s,]+/).filter(Boolean)

/** What a text says as JSON; the text itself where it is none. */
function inJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Notes unread variables whose name differs in a letter or two from one that is read. Others may be for other programs. */
function misspelt(env: Environment, mistakes: Mistakes): void {
  const known = [...memberNames, 'config'].map(variableOf)
  for (const name of Object.keys(env)) {
    if (!name.startsWith('REGISTRANT_') || known.includes(name)) continue
    const suffixes = known.map((it) => it.slice('REGISTRANT_'.length))
    const meant = nearest(name.slice('REGISTRANT_'.length), suffixes)
    if (meant !== undefined) mistakes.add(name, `Nobody reads this variable. Is REGISTRANT_${meant} meant?`)
  }
}

/** Reads the files that hold a secret, or the address of the store. */
async function readFiles(given: Map<string, Given>, mistakes: Mistakes): Promise<void> {
  for (const member of filedMembers) {
    const file = given.get(`${member}File`)
    if (file === undefined || typeof file.value !== 'string' || file.value === '') continue
    const twin = given.get(member)
    if (twin !== undefined) mistakes.add(file.label, `Give this or ${twin.label}, and not both.`)
    const value = await textOf(file.value, file.folder, file.label, mistakes)
    if (value !== undefined) given.set(member, { ...file, value })
  }
}

/** An absolute path, or one that begins with `./` or `../`. */
const isSpelledAsPath = /^(?:\.{0,2}[\\/]|[a-z]:[\\/])/i

/** The text of a file without the line break at its end, which editors and `echo` add. */
async function textOf(given: string, folder: string, label: string, mistakes: Mistakes): Promise<string | undefined> {
  const path = resolve(folder, given)
  try {
    const text = textIn(await readWhole(path))?.replace(/\r?\n$/, '')
    if (text !== undefined && text !== '') return text
    mistakes.add(label, text === undefined ? notText(path) : `${path} is empty. Write the value into it.`)
  } catch (error) {
    const code = codeOf(error)
    const why =
      code === 'ENOENT'
        ? 'is not there'
        : code === 'EACCES'
          ? 'may not be read by this user'
          : `can not be read (${code})`
    // Somebody may have written the secret itself where its file belongs.
    const name = isSpelledAsPath.test(given) ? path : 'What is given (not shown: it may be the secret itself)'
    mistakes.add(label, `${name} ${why}. Name a file that this process can read.`)
  }
  return undefined
}
