import { startTestServer } from '@registrant/node/testing'
import type { ScriptedServer, ScriptedServerOptions, Scripts } from '@registrant/node/testing'

import { collectCanaries } from './canaries.ts'

/** How the server behaves where nothing is scripted. Default here: registering needs a token, and no page may ask. */
export type UsualOptions = Omit<ScriptedServerOptions, 'engine' | 'scripts' | 'onRequest'>

/**
 * Starts the scripted server, and writes down what it issues.
 *
 * ```ts
 * const server = await startScriptedServer({ register: [{ status: 503 }] })              // the first is refused
 * const server = await startScriptedServer({ update: { lost: 'after' } }, { rotate: 'update' })
 * const server = await startScriptedServer({ read: (request, usual) => ({ ...usual(), status: 203 }) })
 * ```
 */
export async function startScriptedServer(scripts: Scripts = {}, options: UsualOptions = {}): Promise<ScriptedServer> {
  const canaries = collectCanaries()
  const server = await startTestServer({
    open: false,
    cors: false,
    ...options,
    scripts,
    onRequest: () => server.secrets().forEach((secret) => canaries.remember(secret)),
  })
  return server
}
