import { demand } from '../../engine/options.ts'
import { startOidcProvider } from './oidc-provider/start.ts'
import type { OidcProviderServer, OidcProviderServerOptions, ScriptedServer, ScriptedServerOptions } from './options.ts'
import { startScriptedServer } from './scripted-server.ts'

/**
 * Starts an authorization server for tests, on 127.0.0.1 and a port of its own: clients register, are read, updated and
 * deleted there, and get tokens. It misbehaves when it is told to, and tells what it saw.
 *
 * `engine` is who answers. `scripted`, the default, is tiny, correct, and each answer can be scripted; it has no
 * authorization endpoint. `oidc-provider` is a certified server, which signs in everybody as `user` at once; the package
 * `oidc-provider` has to be installed.
 *
 * @example
 * ```ts
 * import { memoryStore, RegistrationManager } from '@registrant/node'
 * import { startTestServer } from '@registrant/node/testing'
 * import assert from 'node:assert/strict'
 * import { test } from 'node:test'
 *
 * test('the service registers once the server is back', async () => {
 *   await using server = await startTestServer()
 *   server.unavailable('register', { retryAfter: 1, times: 1 })
 *   const manager = new RegistrationManager({
 *     issuer: server.issuer,
 *     application: 'orders',
 *     metadata: { redirect_uris: ['https://orders.example/callback'] },
 *     store: memoryStore(),
 *   })
 *   await assert.rejects(manager.ensure(), { code: 'server-refused', status: 503 })
 *   for await (const { client_id } of manager.watch()) {
 *     assert.deepEqual(server.clientIds(), [client_id])
 *     break
 *   }
 * })
 * ```
 * @throws {InvalidRequestError} the options are no object, or there is no such engine
 * @throws {NotSupportedError} `unsupported`: the engine is oidc-provider, and it is not installed
 */
export function startTestServer(options: OidcProviderServerOptions): Promise<OidcProviderServer>
export function startTestServer(options?: ScriptedServerOptions): Promise<ScriptedServer>
export async function startTestServer(
  options: OidcProviderServerOptions | ScriptedServerOptions = {},
): Promise<OidcProviderServer | ScriptedServer> {
  const engines: unknown[] = [undefined, 'scripted', 'oidc-provider']
  demand(
    ['options', typeof options === 'object' && options !== null, 'It must be an object'],
    ['engine', engines.includes(Object(options).engine), 'It must be scripted or oidc-provider'],
  )
  return options.engine === 'oidc-provider' ? startOidcProvider(options) : startScriptedServer(options)
}
