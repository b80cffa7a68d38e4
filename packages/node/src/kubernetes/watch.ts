import type { IncomingMessage } from 'node:http'

import type { Heard, Session } from '../engine/changes.ts'
import { linesOf, openStream } from './api.ts'
import type { ApiPlace } from './api.ts'
import { entryOf, isSecret, versionOf } from './secret.ts'

/** The API ends a watch after that many seconds, and another one is opened. */
const watchTime = 290

/**
 * Opens a watch of one Secret, from its state as it is now; `undefined` where the service account may not watch.
 *
 * A watch that ends, or whose `resourceVersion` became too old (410), is `lost`: the callers that wait then read the Secret.
 */
export async function openWatch(
  place: ApiPlace,
  secrets: string,
  name: string,
  heard: Heard,
  lost: () => void,
  signal: AbortSignal,
): Promise<Session | undefined> {
  const over = new AbortController()
  const query = new URLSearchParams({
    watch: '1',
    fieldSelector: `metadata.name=${name}`,
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(watchTime),
  })
  const either = AbortSignal.any([signal, over.signal])
  const response = await openStream(place, `${secrets}?${query}`, either, 1000 * (watchTime + 20))
  const close = async (): Promise<void> => over.abort()
  if (response.statusCode === 200) {
    listen(response, heard).then(lost, lost)
    return { close }
  }
  await close()
  if (response.statusCode === 403) return undefined
  throw new Error(`Kubernetes lets nobody watch now: ${response.statusCode}`)
}

async function listen(response: IncomingMessage, heard: Heard): Promise<void> {
  for await (const event of linesOf(response)) {
    const { type, object }: { type?: unknown; object?: unknown } = Object(event)
    if (type === 'ERROR') return
    if (type === 'MODIFIED' && isSecret(object))
      for (const key of Object.keys(object.data ?? {})) heard(key, versionOf(await entryOf(object, key)))
    // The state that a watch begins with (ADDED) may be older than what was read.
    else if (type === 'ADDED' || type === 'DELETED') heard()
  }
}
