import type { ClientOptions, Rule, SessionOptions, Wrong } from '../client/options.ts'
import type { ClientIdentities } from '../identity/choose-registration.ts'
import { checkOptions, isAny, isAtLeast, isFilled, isWhole } from '../client/options.ts'
import type { RequestInput } from '../model/registration.ts'
import { namesItself } from '../model/values.ts'
import type { RegistrationStore } from '../store.ts'

/** Keys that a manager makes for its client, keeps and replaces. */
export interface KeysOptions {
  /**
   * The signature algorithm. Default: the declared `token_endpoint_auth_signing_alg`, else `ES256` or the first other one
   * that the server lists. Where the server registers another one, a key for that takes over.
   */
  alg?: string | undefined
  /** Milliseconds after which another key takes over. Default: never. */
  rotateAfter?: number | undefined
  /** Who assertions are addressed to. Default: what the profile says, else `issuer`. */
  audience?: 'issuer' | 'token_endpoint' | undefined
}

/** What a manager needs besides what a client needs. */
export interface KeepingOptions extends ClientIdentities {
  /** The name of the application. With the issuer it says whose registration this is; choose it once, for ever. */
  application: string
  /** Tells instances apart that are to have a registration each. Default: all share one. */
  instance?: string | undefined
  /** Where the registration is kept. Replicas that share it share the registration. */
  store: RegistrationStore
  /**
   * Orders declarations: one with a lower number never replaces one with a higher one. Without it the newer *seen*
   * wins, and a superseded one is applied again when the one in force has been silent for `overlap` (twice as long with
   * each return, to a week), so that a rolling deploy does not flip-flop.
   */
  generation?: number | undefined
  /**
   * The manager makes a key for the client, keeps it and replaces it in time; the client has no secret. Adds to what is
   * declared `token_endpoint_auth_method: private_key_jwt`, `token_endpoint_auth_signing_alg` and `jwks`, beside the keys for
   * other purposes that are declared there; where a `jwks_uri` is declared, the application publishes what `status()` tells
   * as `jwks`. The key is written into the record before the client is registered; where the store has a home for keys (IndexedDB) it can't be exported. Another key is published
   * beside the old one, which is dropped after `overlap`; a client that can't be updated is replaced for it. By `jwks_uri` the
   * server may go on with what it fetched: there the other key is published for `overlap` before it signs.
   * `authentication()` signs with it. Default: none.
   */
  keys?: KeysOptions | undefined
  /** An empty store is an error and not a reason to register: for whoever knows that there is one. Default: `false`. */
  expectExisting?: boolean | undefined
  /** Whether a client secret is stored. Without it a client that needs one is refused and deleted. Default: `true`. */
  keepSecret?: boolean | undefined
  /** Whether the management token is stored. Without it a changed declaration registers anew. Default: `true`. */
  keepManagementToken?: boolean | undefined
  /** What others are told to wait for while this one works: a name for people. Default: none, only a random id. */
  owner?: string | undefined
  /**
   * Milliseconds after which others take over from a starter that does not finish. Default: `timeout` + 10 000; never
   * less than `timeout` + 5 000.
   */
  lease?: number | undefined
  /** Milliseconds over which a server must deny a client before it is given up; 0: one denial will do. Default: 60 000. */
  forgetDelay?: number | undefined
  /**
   * A refusal that the application reports counts as a denial where no witness can tell, though they answer: for servers that
   * answer whoever asks alike. Default: what the profile says, else `false`.
   */
  trustRejections?: boolean | undefined
  /**
   * Whether a client that the server no longer knows is replaced. `false`: `reportRejected()` throws `forgotten`, for
   * operators who switch clients off and on. Default: `true`.
   */
  reregister?: boolean | undefined
  /**
   * Milliseconds for which a replaced client, a replaced declaration, or a replaced key stays; and for which another key is
   * published at a declared `jwks_uri` before it signs: longer than the server keeps what it fetched. Default: 3 600 000, which is
   * enough for oidc-provider, Keycloak, Ory Hydra and Spring Authorization Server.
   */
  overlap?: number | undefined
}

/** The options of a `RegistrationManager`. */
export type ManagerOptions<Sent extends object = {}, Returned extends object = {}> = ClientOptions<Sent, Returned> &
  KeepingOptions & {
    /** The declaration: what the client is registered with. Changing it is the update. */
    metadata: RequestInput & NoInfer<Sent>
  }

/** The options inside the manager: the profile's types have done their work by now. */
export type KeeperOptions = SessionOptions & KeepingOptions & { metadata: RequestInput }

export const timeoutOf = ({ timeout = 20_000 }: KeeperOptions): number => timeout
export const leaseOf = (options: KeeperOptions): number => options.lease ?? timeoutOf(options) + 10_000

export const overlapOf = ({ overlap = 3_600_000 }: KeeperOptions): number => overlap

/** How a client authenticates whose keys the manager keeps. */
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

/** Whether it can be kept in. */
const isHome = (value: unknown): boolean => ['load', 'save'].every((verb) => typeof Object(value)[verb] === 'function')

function isSayable(value: unknown): boolean {
  try {
    return isWhole(value) && !Array.isArray(value) && JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

/** Keys may well last longer than a timer can: that is looked at, and not waited for. */
const isAboveZero = (value: unknown): boolean => typeof value === 'number' && value > 0

/**
 * Everything is checked at once, so that what can't work is told at the first start and not at some later one; what was checked
 * is returned, with the declaration as it is now.
 */
export function checkManagerOptions<O extends Partial<KeeperOptions>>(options: O): O {
  const { application, store, timeout = 20_000, keys, metadata } = options
  const { token_endpoint_auth_signing_alg: alg, token_endpoint_auth_method: method = byKey } = metadata ?? {}
  const wrong: Wrong[] = []
  for (const [member, value] of Object.entries({ application, store, metadata }))
    if (value === undefined) wrong.push([member, 'It is missing'])
  if (keys && (method !== byKey || (alg ?? keys.alg) !== (keys.alg ?? alg) || !isAboveZero(keys.rotateAfter ?? 1)))
    wrong.push(['keys', 'Leave the method and alg to them; rotateAfter is above 0'])
  const lease: Rule = ['lease', isAtLeast(Number(String(timeout)) + 5000), 'It must be at least timeout + 5000']
  const judged = checkOptions(options, [...managerRules, lease], wrong)
  return { ...judged, metadata: { ...metadata } }
}
