import type { ClientOptions, Rule, SessionOptions, Wrong } from '../client/options.ts'
import type { ClientIdentities } from '../identity/choose-registration.ts'
import { checkOptions, isAny, isAtLeast, isFilled, isWhole } from '../client/options.ts'
import type { RequestInput } from '../model/registration.ts'
import { namesItself } from '../model/values.ts'
import type { RegistrationStore } from '../store.ts'

/** Keys that a manager makes for its client, keeps and replaces. */
export interface KeysOptions {
  /**
   * The signature algorithm. Default: the declared `token_endpoint_auth_signing_alg`, else `ES256`, or another one that the
   * server lists where it does not list that. If the server registers another algorithm, a key for that one takes over.
   */
  alg?: string | undefined
  /** Milliseconds after which another key takes over. Default: never. */
  rotateAfter?: number | undefined
  /** Who assertions are addressed to. Default: what the profile says, else `issuer`. */
  audience?: 'issuer' | 'token_endpoint' | undefined
}

/** The options of a manager that a client does not have. */
export interface KeepingOptions extends ClientIdentities {
  /** The name of the application. With the issuer it identifies the registration; choose it once, for ever. */
  application: string
  /** Tells instances apart that each have a registration of their own. Default: all share one. */
  instance?: string | undefined
  /** Where the registration is kept. Replicas that share it share the registration. */
  store: RegistrationStore
  /**
   * Orders declarations: one with a lower number never replaces one with a higher one. Without it the declaration *seen* last
   * wins, and a superseded one is applied again when the one in force has been silent for `overlap` (twice as long with each
   * return, up to a week), so that a rolling deploy does not flip-flop.
   */
  generation?: number | undefined
  /**
   * The manager makes a key for the client, keeps it and replaces it in time; `authentication()` signs with it, and the client
   * has no secret. Adds `token_endpoint_auth_method: private_key_jwt`, `token_endpoint_auth_signing_alg` and `jwks` to the
   * declaration, beside the keys for other purposes that are declared there. Where a `jwks_uri` is declared, the application
   * publishes `status().jwks` there instead. The key is written into the record before the client is registered; where the store
   * has a home for keys (IndexedDB), it is kept there and can't be exported. A new key is published beside the old one, which is
   * dropped after `overlap`; a client that can't be updated is replaced for it. With a `jwks_uri` the server may go on with the
   * keys that it fetched, so the new key is published for `overlap` before it signs. Default: none.
   */
  keys?: KeysOptions | undefined
  /** An empty store is an error, no reason to register: for applications that know there is a registration. Default: `false`. */
  expectExisting?: boolean | undefined
  /** Whether a client secret is stored. If not, a client that needs one is refused and deleted. Default: `true`. */
  keepSecret?: boolean | undefined
  /** Whether the management token is stored. If not, a changed declaration registers another client. Default: `true`. */
  keepManagementToken?: boolean | undefined
  /** A name for people: other starters that wait for this one are told it. Default: none, only a random id. */
  owner?: string | undefined
  /**
   * Milliseconds after which others take over from a starter that does not finish. Default: `timeout` + 10 000; never
   * less than `timeout` + 5 000.
   */
  lease?: number | undefined
  /** Milliseconds over which a server must deny a client before it is given up; 0: one denial will do. Default: 60 000. */
  forgetDelay?: number | undefined
  /**
   * Whether a refusal that the application reports counts as a denial where the server answers and can't tell whether it knows
   * the client: for servers that answer every client alike. Default: what the profile says, else `false`.
   */
  trustRejections?: boolean | undefined
  /**
   * Whether a client that the server no longer knows is replaced. `false`: `reportRejected()` throws `forgotten`, for
   * operators who switch clients off and on; as long as that is proven, only `rotate()`, a lost key or the end of its secret
   * brings another. Default: `true`.
   */
  reregister?: boolean | undefined
  /**
   * Milliseconds for which a replaced client, declaration or key stays, and for which a new key is published at a declared
   * `jwks_uri` before it signs: longer than the server keeps the keys that it fetched. Default: 3 600 000, which is enough for
   * oidc-provider, Keycloak, Ory Hydra and Spring Authorization Server.
   */
  overlap?: number | undefined
}

/** The options of a `RegistrationManager`. */
export type ManagerOptions<Sent extends object = {}, Returned extends object = {}> = ClientOptions<Sent, Returned> &
  KeepingOptions & {
    /** The declaration: what the client is registered with. Changing it updates the client. */
    metadata: RequestInput & NoInfer<Sent>
  }

/** The options inside the manager, without the types of the profile. */
export type KeeperOptions = SessionOptions & KeepingOptions & { metadata: RequestInput }

export const timeoutOf = ({ timeout = 20_000 }: KeeperOptions): number => timeout
export const leaseOf = (options: KeeperOptions): number => options.lease ?? timeoutOf(options) + 10_000

export const overlapOf = ({ overlap = 3_600_000 }: KeeperOptions): number => overlap

/** The authentication method of a client whose keys the manager keeps. */
export const byKey = 'private_key_jwt'

const managerRules: readonly Rule[] = [
  ['application', isFilled, 'It must be a text, and not empty'],
  ['instance owner', (value) => typeof value === 'string', 'It must be a text'],
  [
    'store',
    (value) => isHome(value) && (Object(value).keys === undefined || isHome(Object(value).keys)),
    'It must be a store, with load and save: fileStore(folder), indexedDbStore(), memoryStore()',
  ],
  ['metadata', isSayable, 'It must be an object that JSON can say: nothing in it that holds itself, and no BigInt'],
  ['keys', isSayable, 'It must be an object'],
  [
    'preRegistered',
    (value) => [value].flat().every((it) => isSayable(it) && namesItself(it)),
    'Give the client, or a list of them: issuer, client_id, and nothing empty',
  ],
  ['metadataDocument prefer', isFilled, 'It must be a text'],
  ['generation', Number.isFinite, 'It must be a number'],
  ['forgetDelay overlap', isAtLeast(0), 'It must be 0 or more, below 24 days'],
  [
    'expectExisting keepSecret keepManagementToken trustRejections reregister',
    isAny(true, false),
    'It must be true or false',
  ],
]

/** Whether this can load and save, as a store and its home for keys must. */
const isHome = (value: unknown): boolean => ['load', 'save'].every((verb) => typeof Object(value)[verb] === 'function')

function isSayable(value: unknown): boolean {
  try {
    return isWhole(value) && !Array.isArray(value) && JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

/** Whether it is above 0, without an upper limit: no timer waits for the end of a key, which may last longer than a timer can. */
const isAboveZero = (value: unknown): boolean => typeof value === 'number' && value > 0

/**
 * Checks all options at once, so that one that can't work is reported at the first start and not at some later one. Returns the
 * checked options, with a copy of the declaration as it is now.
 */
export function checkManagerOptions<O extends Partial<KeeperOptions>>(options: O): O {
  const { application, store, timeout = 20_000, keys, metadata } = options
  const { token_endpoint_auth_signing_alg: alg, token_endpoint_auth_method: method = byKey } = metadata ?? {}
  const wrong: Wrong[] = []
  for (const [member, value] of Object.entries({ application, store, metadata }))
    if (value === undefined) wrong.push([member, 'It is missing'])
  if (keys && (method !== byKey || (alg ?? keys.alg) !== (keys.alg ?? alg) || !isAboveZero(keys.rotateAfter ?? 1)))
    wrong.push(['keys', 'Leave the method and alg to them; rotateAfter is above 0'])
  const least = isAtLeast(0)(timeout) ? timeout + 5000 : 0
  const lease: Rule = ['lease', isAtLeast(least), 'It must be at least timeout + 5000']
  const judged = checkOptions(options, [...managerRules, lease], wrong)
  const declared: KeeperOptions['metadata'] = JSON.parse(JSON.stringify(metadata))
  return { ...judged, metadata: declared }
}
