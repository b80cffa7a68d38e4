import { constants } from 'node:fs/promises'

import { StateError, StoreError } from '@registrant/core'

import { decode, newer, readLimit, tooLarge, versionOf, versionOfDamage } from './content.ts'
import type { Content } from './content.ts'
import type { FileFacts, OpenFile } from './disk.ts'
import { codeOf, unlessMissing } from './failure.ts'
import { numbersIn } from './folder.ts'
import type { Folder } from './folder.ts'
import { requireOwnFile } from './permissions.ts'

/** The newest save of a key. */
interface Saved extends Content {
  readonly number: number
  readonly version: string
}

/** A newest save that can't be read, and stays so. */
interface Damaged {
  readonly number: number
  readonly version: string
  readonly error: StoreError
}

/** What there is under a key: neither `saved` nor `damaged` if there is nothing. */
export interface Found {
  readonly names: readonly string[]
  readonly saved?: Saved
  readonly damaged?: Damaged
}

/** What one look found. A doubt may arise because the folder changed during the look, or because its list is an old one. */
interface Look {
  readonly names?: readonly string[] | undefined
  readonly saved?: Saved
  readonly doubt?: Doubt
}

interface Doubt {
  readonly number: number
  readonly what: string
  readonly facts?: FileFacts | undefined
  readonly bytes?: Uint8Array | undefined
}

const looks = 100

/** The same doubt at so many looks in a row is no race. */
const certain = 10

/** Milliseconds for which a call looks for what an old list may hide. */
const patience = 1000

/** Milliseconds: no list and no attributes are cached longer. 60 seconds are the usual maximum. */
const longestCache = 90_000

/**
 * Reads the newest save of a key: absent only if the folder was read and holds no file of that key.
 *
 * A file that can't be read counts only if it stays the newest: at one look it may have been superseded, emptied or
 * removed between the list and its opening, or the list itself may be an old one that a network file system kept. So the
 * folder is changed once, which renews every such list. If that doesn't help, the folder is looked at for a while, and the
 * file is called damaged only after a time for which no list is cached.
 */
export async function find(folder: Folder, signal: AbortSignal | undefined): Promise<Found> {
  let [alike, refreshed, clock]: [number, boolean, number | undefined] = [0, false, undefined]
  // Where the first look settles it, no clock is read, and Node loads none.
  let began: number | undefined
  let before: Doubt | undefined
  for (let look = 0; look < looks; look++) {
    signal?.throwIfAborted()
    const { names, saved, doubt } = await lookOnce(folder)
    if (doubt === undefined) {
      folder.trouble = undefined
      if (saved !== undefined || names === undefined || refreshed)
        return { names: names ?? [], ...(saved && { saved }) }
    }
    began ??= performance.now()
    alike = doubt?.what === before?.what && doubt?.number === before?.number ? alike + 1 : 1
    before = doubt
    if (doubt !== undefined && alike < certain) continue
    if (!refreshed) [refreshed, clock] = [true, await folder.refresh()]
    // There is no higher number: only the save that it was built on has been removed, and this one is whole.
    else if (saved !== undefined) return { names: names ?? [], saved }
    else if (doubt !== undefined) {
      if (staysSo(folder, doubt, clock)) return { names: names ?? [], damaged: damageOf(folder, doubt) }
      if (performance.now() - began > patience) throw notYet(folder, doubt)
      await pause(Math.min(10 * 2 ** (alike - certain), 250), signal)
    }
  }
  throw new StoreError(
    'store-unavailable',
    `${folder.path} changed at each of ${looks} attempts to read it. Try again later.`,
  )
}

/** Waits so long, or until the signal aborts. A start never comes here, so no module is loaded for it. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let end = (): void => undefined
  const waited = new Promise<void>((resolve) => (end = resolve))
  const timer = setTimeout(end, ms)
  signal?.addEventListener('abort', end)
  await waited
  clearTimeout(timer)
  signal?.removeEventListener('abort', end)
}

async function lookOnce(folder: Folder): Promise<Look> {
  const names = await folder.list()
  if (names === undefined) return {}
  const [number] = numbersIn(names)
  if (number === undefined) {
    // The first number is never removed: a list without it may be an old one.
    const facts = await unlessMissing(folder.disk.lstat(folder.file(1)))
    return { names, ...(facts && { doubt: { number: 1, what: 'is missing in the list of its folder', facts } }) }
  }
  const { facts, bytes, wrong } = await read(folder, number)
  const content = bytes === undefined ? wrong : decode(`${folder.name}/${number}`, bytes)
  if (content === newer)
    throw new StateError('newer-schema', `${folder.file(number)} ${newer}. It was not touched. Use that release.`)
  if (typeof content === 'string') return { names, doubt: { number, what: content, facts, bytes } }
  const saved = { number, ...content, version: versionOf({ number, token: content.token }) }
  // A list is not taken in one instant, so it may lack a newer save. This number may then be one that was removed and linked
  // again by a writer that slept, and the save that it was built on is gone.
  if (number > 1 && !(await isBuiltOn(folder, number - 1, content.base)))
    return { names, saved, doubt: { number, what: 'is older than what was removed', facts, bytes } }
  return { names, saved }
}

/** Whether a number has the token that a later file was built on; emptied or unreadable, it says nothing against that. */
async function isBuiltOn(folder: Folder, number: number, token: string): Promise<boolean> {
  const facts = await unlessMissing(folder.disk.lstat(folder.file(number)))
  if (facts === undefined) return false
  if (!facts.isFile() || facts.size === 0) return true
  const content = await contentOf(folder, number)
  return content === undefined || content.token === token
}

/** What a number says, where that can be read. */
export async function contentOf(folder: Folder, number: number): Promise<Content | undefined> {
  const { bytes } = await read(folder, number)
  const content = bytes && decode(`${folder.name}/${number}`, bytes)
  return typeof content === 'object' ? content : undefined
}

async function read(folder: Folder, number: number): Promise<{ facts?: FileFacts; bytes?: Uint8Array; wrong: string }> {
  const path = folder.file(number)
  let file: OpenFile | undefined
  try {
    // Opening a pipe must not wait (O_NONBLOCK): only the open file tells that it is one.
    file = await unlessMissing(folder.disk.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK))
    if (file === undefined) return { wrong: 'is gone' }
    const facts = await file.stat()
    if (!facts.isFile()) return { facts, wrong: 'is not a regular file' }
    requireOwnFile(facts, path)
    if (facts.size > readLimit) return { facts, wrong: tooLarge }
    return { facts, bytes: await file.readFile(), wrong: '' }
  } catch (error) {
    // ESTALE is how a network file system says that another machine removed the file.
    if (codeOf(error) === 'ESTALE') return { wrong: 'is gone' }
    throw error
  } finally {
    await file?.close()
  }
}

/** Whether a doubt is older than any cached list: by the file's age, or since this process saw it first. */
function staysSo(folder: Folder, { number, what, facts }: Doubt, clock: number | undefined): boolean {
  const [now, trouble] = [performance.now(), `${number} ${what} ${facts?.mtimeMs}`]
  if (folder.trouble?.what !== trouble) folder.trouble = { what: trouble, since: now }
  // A time far in the future is not that of the last change: a clock was set back, or somebody set the file's time.
  const age = clock === undefined || facts === undefined ? 0 : Math.abs(clock - facts.mtimeMs)
  return Math.max(age, now - folder.trouble.since) >= longestCache
}

const notYet = (folder: Folder, { number, what }: Doubt): StoreError =>
  new StoreError(
    'store-unavailable',
    `${folder.file(number)} ${what}. If other machines use this folder, that may be a list of it that is late; if it ` +
      `stays so for ${longestCache / 1000} seconds, the file is damaged. Try again later.`,
  )

function damageOf(folder: Folder, { number, what, bytes, facts }: Doubt): Damaged {
  const version = versionOfDamage(number, bytes, facts)
  const message =
    `${folder.file(number)} ${what}. That is not taken for an absent registration. Move the folder ${folder.path} away ` +
    `and bring it back from a backup; if there is none, recover() with what is known of the client at the server, or forget() it.`
  return { number, version, error: new StoreError('store-corrupt', message, { version }) }
}
