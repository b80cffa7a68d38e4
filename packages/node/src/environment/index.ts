import type { CallOptions, ManagerOptions, RegistrationStore } from '@registrant/core'
import { RegistrationManager, TransportError } from '@registrant/core'

import { demand } from '../engine/options.ts'
import type { Config } from './config.ts'
import { managerOptions, readConfiguration } from './configuration.ts'
import type { Environment } from './said.ts'

export type { Config } from './config.ts'
export type { Environment } from './said.ts'

/** The options of a manager that a program gives; `keys` and `expectExisting` outweigh what the environment says. */
export type ProgramOptions = Partial<
  Pick<
    ManagerOptions,
    | 'allowedOrigins'
    | 'dpop'
    | 'expectExisting'
    | 'fetch'
    | 'forgetDelay'
    | 'keys'
    | 'onEvent'
    | 'overlap'
    | 'owner'
    | 'preflight'
    | 'reregister'
    | 'timeout'
    | 'trustRejections'
  >
>

/**
 * Makes a manager from the environment: from variables, and from a configuration file, whose members they outweigh.
 *
 * | Variable | |
 * | --- | --- |
 * | `REGISTRANT_ISSUER` | the server, spelled as it spells itself |
 * | `REGISTRANT_APPLICATION`, `_INSTANCE` | whose registration this is |
 * | `REGISTRANT_METADATA` | what the client is registered with: a file of JSON, or JSON |
 * | `REGISTRANT_STORE` | where it is kept: `file:/var/lib/orders`, `postgres://...` (package `pg`), `redis://...` (package `redis`), `kubernetes:NAMESPACE/NAME` |
 * | `REGISTRANT_STORE_KEY` | encrypts it: 32 bytes in base64; several, to rotate, as `2027:KEY,2026:KEY`; a key that had no name is given without one, or as `default:KEY` |
 * | `REGISTRANT_CLIENT_ID`, `_CLIENT_SECRET`, `_SCOPE`, `_AUTHENTICATION` | the client that pays for the registration |
 * | `REGISTRANT_INITIAL_ACCESS_TOKEN` | or a token that does |
 * | `REGISTRANT_KEYS` | `true`, or JSON as `{"alg":"ES384"}`: keys that the manager keeps for the client |
 * | `REGISTRANT_EXPECT_EXISTING` | `true`: an empty store is an error |
 * | `REGISTRANT_PROFILE`, `_GENERATION`, `_ALLOW_HTTP` | as the options of a manager |
 * | `REGISTRANT_CONFIG` | a configuration file; default: `registrant.config.json` or `.ts` in the current folder, if it is there |
 *
 * `_CLIENT_SECRET`, `_INITIAL_ACCESS_TOKEN`, `_STORE` and `_STORE_KEY` with `_FILE` at the end name a file that holds the value,
 * as Docker and Kubernetes hand out secrets. An empty variable counts as not set.
 *
 * `close()` ends the connections to the store, too.
 *
 * @param env the variables; default: those of this process
 * @param options what only a program can say, such as `onEvent`; the command line knows of `keys` and `expectExisting` only
 *   what the environment says
 * @example
 * ```ts
 * import { managerFromEnvironment } from '@registrant/node/environment'
 *
 * const manager = await managerFromEnvironment()
 * const { client_id } = await manager.ensure()
 * ```
 * @throws {InvalidRequestError} `findings` lists every mistake, by the name of the variable or of the file's member
 */
export async function managerFromEnvironment(
  env: Environment = process.env,
  options: ProgramOptions = {},
): Promise<RegistrationManager> {
  demand(
    ['env', isEnvironment(env), 'It must be an object of variables, each of them a text, such as process.env'],
    ['options', typeof options === 'object' && options !== null, 'It must be an object'],
  )
  const said = managerOptions(await readConfiguration(env))
  const { keys = said.keys, expectExisting = said.expectExisting } = options
  return new ConfiguredManager({ ...said, ...options, keys, expectExisting })
}

const isEnvironment = (env: unknown): boolean =>
  typeof env === 'object' &&
  env !== null &&
  Object.entries(env).every(([name, value]) => !name.startsWith('REGISTRANT_') || isText(value))

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'

/** A manager whose store was opened for it alone, and is closed with it. */
class ConfiguredManager extends RegistrationManager {
  readonly #store: RegistrationStore
  #closing: Promise<void> | undefined

  constructor(options: ManagerOptions) {
    super(options)
    this.#store = options.store
  }

  override async close(options?: CallOptions): Promise<void> {
    const ended = super.close(options)
    // A call that was aborted before it began leaves the store open.
    if (options?.signal?.aborted) return ended
    // A caller that leaves later ends only its own waiting: the store is closed after the manager's work has ended, for all calls once.
    const goesOn = async (error: unknown): Promise<void> => {
      if (error instanceof TransportError && error.code === 'aborted') return super.close()
      throw error
    }
    this.#closing ??= ended.catch(goesOn).then(() => this.#store.close?.())
    this.#closing.catch(() => (this.#closing = undefined))
    await ended
    await this.#closing
  }
}

/**
 * Types a configuration file that is a program, `registrant.config.ts`, and returns it as it is.
 *
 * @example
 * ```ts
 * import { defineConfig } from '@registrant/node/environment'
 *
 * export default defineConfig({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { redirect_uris: ['https://app.example/callback'] },
 *   store: 'file:/var/lib/orders',
 * })
 * ```
 */
export const defineConfig = (config: Config): Config => config
