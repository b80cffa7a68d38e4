import { StoreError } from '@registrant/core'

import type { FileFacts } from './disk.ts'

const others = 0o077

/** Refuses a folder that is not ours alone; the folder around it is not looked at. */
export function requireOwnFolder(facts: FileFacts, path: string): void {
  if (!facts.isDirectory())
    throw denied(
      `${path} is not a folder (a symbolic link is not followed)`,
      'put the folder itself there, or name the directory that the link leads to',
    )
  requireOwn(
    facts,
    path,
    `chmod 700 ${path}; if Kubernetes widens it at each start because of fsGroup, set fsGroupChangePolicy: OnRootMismatch`,
  )
}

/** Refuses a file that is not ours alone. */
export function requireOwnFile(facts: FileFacts, path: string): void {
  requireOwn(facts, path, `chmod 600 ${path}; a file system without owners and permissions can't keep secrets`)
}

/** Refuses to save over a file that its owner may not write, since that file is emptied after the save. */
export function requireWritable({ mode }: FileFacts, path: string): void {
  if ((mode & 0o200) === 0)
    throw denied(`${path} is closed to its owner's writing (mode ${(mode & 0o777).toString(8)})`, `chmod 600 ${path}`)
}

function requireOwn({ uid, mode }: FileFacts, path: string, cure: string): void {
  const user = process.geteuid?.()
  // Windows has neither owners nor modes.
  if (user === undefined) return
  if (uid !== user)
    throw denied(
      `${path} belongs to user ${uid}, and this process runs as ${user}`,
      `run as user ${uid}; or, if that is no longer its user, chown ${user} ${path}`,
    )
  if ((mode & others) !== 0)
    throw denied(`${path} is open to other users (mode ${(mode & 0o777).toString(8)}), and it holds secrets`, cure)
}

const denied = (what: string, cure: string): StoreError =>
  new StoreError('store-denied', `${what}. To use it: ${cure}.`)
