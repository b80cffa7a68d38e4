import { loadChecks } from '../checks/load.ts'
import { ahead, load } from '../load.ts'
import { loadAccess } from './access/load.ts'
import type { SessionOptions } from './options.ts'
import type { Session } from './session.ts'

/** Begins to speak with a server; what sends requests is loaded, and nothing is sent yet. */
export async function openSession(options: SessionOptions): Promise<Session> {
  loadAhead(options)
  const { begin } = await load(import('./session.ts'))
  return begin(options)
}

/** Loads what these options will need besides, at the same time: no file waits for another. */
export function loadAhead({
  accessToken,
  onEvent,
  preflight,
  profile,
}: Pick<SessionOptions, 'accessToken' | 'onEvent' | 'preflight' | 'profile'>): void {
  if (onEvent ?? profile ?? preflight === 'strict') ahead(loadChecks)
  if (accessToken !== undefined) ahead(loadAccess)
}
