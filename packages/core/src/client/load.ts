import { loadChecks } from '../checks/load.ts'
import { ahead, load } from '../load.ts'
import { loadAccess } from './access/load.ts'
import type { SessionOptions } from './options.ts'
import type { Session } from './session.ts'

/** Opens a session with a server: loads the code that sends requests, and sends nothing yet. */
export async function openSession(options: SessionOptions): Promise<Session> {
  loadAhead(options)
  const { begin } = await load(import('./session.ts'))
  return begin(options)
}

/** Begins to load the further code that these options need, at the same time, so that no file waits for another. */
export function loadAhead({
  accessToken,
  onEvent,
  preflight,
  profile,
}: Pick<SessionOptions, 'accessToken' | 'onEvent' | 'preflight' | 'profile'>): void {
  if (onEvent ?? profile ?? preflight === 'strict') ahead(loadChecks)
  if (accessToken !== undefined) ahead(loadAccess)
}
