import { lstatSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'

import { loadProgram } from './load.ts'
import { fileMembers, secretMembers, variableOf } from './members.ts'
import { codeOf, nearest, notJson, notText, textIn } from './mistakes.ts'
import type { Mistakes } from './mistakes.ts'
import { readWhole } from './read.ts'

/** What a configuration file says, and the folder that it lies in: its paths start there. */
export interface ConfigFile {
  name: string
  folder: string
  said: Readonly<Record<string, unknown>>
}

/** The names that are looked for in the current folder where no file is named. */
export const configNames: readonly string[] = ['json', 'ts', 'mts', 'js', 'mjs'].map(
  (type) => `registrant.config.${type}`,
)

/**
 * Reads the file that is named, or the one in the current folder; `undefined` where there is none. `toSay` is the content of
 * a file that is not written yet.
 */
export async function readConfigFile(
  named: string | undefined,
  by: string,
  mistakes: Mistakes,
  toSay?: object,
): Promise<ConfigFile | undefined> {
  const found = named === undefined ? configNames.filter(isThere) : [named]
  const [first, second] = found
  if (second !== undefined) mistakes.add(found.join(' and '), 'Only one configuration file is read: remove the others.')
  if (first === undefined || second !== undefined) return undefined
  const path = resolve(first)
  const name = basename(path)
  const label = named === undefined ? name : by
  const isJson = path.endsWith('.json')
  const content = toSay ?? (isJson ? await readJson(path, label, mistakes) : await run(path, label, mistakes))
  if (content === undefined) return undefined
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    mistakes.add(name, 'It must hold an object.')
    return undefined
  }
  for (const key of Object.keys(content))
    if (!Object.hasOwn(fileMembers, key)) mistakes.add(`${key} in ${name}`, unknown(key))
  const said: Record<string, unknown> = { ...content }
  // A program may take the address from elsewhere.
  if (isJson && hasPassword.test(String(said['store'])))
    mistakes.add(
      `store in ${name}`,
      `A password does not belong in this file: put the address into ${variableOf('store')}, or name a file that holds it as storeFile.`,
    )
  return { name, folder: dirname(path), said }
}

/** An address with a password before its host, or among its parameters. */
const hasPassword = /:\/\/[^/?#]*:[^/?#]+@|[?&]password=/i

/** Whether the path exists, also as a link that leads nowhere: the file behind it is then missing, and not to be ignored. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

/** The content of a JSON file; `undefined` where it can't be read, which is noted. */
export async function readJson(path: string, label: string, mistakes: Mistakes): Promise<unknown> {
  try {
    const text = textIn(await readWhole(path))
    if (text !== undefined) return JSON.parse(text)
    mistakes.add(label, notText(path))
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) mistakes.add(label, notJson(path, error))
    else mistakes.add(label, `${path} can not be read (${codeOf(error)}). Name a file that can.`)
    return undefined
  }
}

async function run(path: string, label: string, mistakes: Mistakes): Promise<unknown> {
  try {
    return await loadProgram(path)
  } catch (error) {
    const advice =
      codeOf(error) !== 'ERR_UNKNOWN_FILE_EXTENSION'
        ? 'Mend what it says.'
        : /\.[cm]?ts$/.test(path)
          ? 'Use Node 22.18 or newer, or a file of JSON.'
          : 'Name it by what it holds: .json, .ts, .mts, .js or .mjs.'
    mistakes.add(label, `${path} can not be run: ${error instanceof Error ? error.message : String(error)}. ${advice}`)
    return undefined
  }
}

function unknown(key: string): string {
  if (secretMembers.includes(key))
    return `A secret does not belong in this file: put it into ${variableOf(key)}, or name a file that holds it as ${key}File.`
  const meant = nearest(key, Object.keys(fileMembers))
  return meant === undefined ? 'There is no such member. Remove it.' : `There is no such member. Is ${meant} meant?`
}
