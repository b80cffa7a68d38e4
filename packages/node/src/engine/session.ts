import { setTimeout as pause } from 'node:timers/promises'

import type { Heard, Session } from './changes.ts'
import { whileWaited } from './failure.ts'

/** Milliseconds in which a session has to hear its own word: later it never will. */
const probeTime = 10_000

/** The word that tells of a save: its key and its version. A key has no blank. */
export const wordOf = (key: string, version: string): string => `${key} ${version}`

const probe = 'probe'

/**
 * Opens a session, and lets it hear a word of its own before it is relied on. `undefined` where it hears nothing: a transaction
 * pooler accepts a `LISTEN` without effect, and a user may lack the right to speak in a channel. When the signal aborts, an open
 * session is closed at once, whatever still waits for the engine; `subscribe` has to see to one that is being opened.
 */
export async function openProven(
  heard: Heard,
  subscribe: (told: (word: unknown) => void) => Promise<Session | undefined>,
  say: (word: string) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Session | undefined> {
  const token = wordOf(probe, crypto.randomUUID())
  let hears = (): void => undefined
  const proven = new Promise<boolean>((resolve) => (hears = () => resolve(true)))
  const session = await subscribe((word) => {
    if (word === token) return hears()
    const [key, version] = String(word).split(' ')
    if (key !== probe) heard(key, version)
  })
  if (session === undefined) return undefined
  const over = new AbortController()
  try {
    await whileWaited(say(token), signal)
    const late = pause(probeTime, false, { signal: over.signal })
    late.catch(() => undefined)
    if (await whileWaited(Promise.race([proven, late]), signal)) return session
  } catch (error) {
    await session.close().catch(() => undefined)
    throw error
  } finally {
    over.abort()
  }
  await session.close()
  return undefined
}
