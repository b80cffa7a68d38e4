import { canonical } from '../model/values.ts'
import type { RegistrationResponse } from '../model/registration.ts'
import { platform } from '../platform.ts'
import { bounded } from '../client/deadline.ts'
import type { ClientSecretJwtOptions } from '../keys/client-proof.ts'
import type { ClientAuthentication } from '../client/options.ts'
import type { KeeperOptions } from './options.ts'
import { byKey, overlapOf, timeoutOf } from './options.ts'
import { isOurs, keysDueAt, lastNote, parse } from './record/layout.ts'
import { binds } from './record/mark.ts'
import type { Declaration, Found, Identity, RegistrationRecord } from './record/record.ts'

/** Makes the authentication of a client by its secret; `undefined` for a method that uses no secret. */
export type SecretProofs = (
  method: string,
  secret: string,
  options?: ClientSecretJwtOptions,
) => Promise<ClientAuthentication | undefined>

/** Everything that a start with a good record needs to know. */
export interface Start {
  options: KeeperOptions
  identity: Identity
  /** The key under which the record is stored. */
  key: string
  declared: Declaration
  /** Records that a start, or a lost save, has loaded and nobody has compared yet: `RecordStore.load()` does that first. */
  seen: Found[]
}

export async function openStart(options: KeeperOptions): Promise<Start> {
  const { issuer = options.server?.issuer ?? '', application, instance } = options
  const identity = [issuer, application, ...(instance === undefined ? [] : [instance])] as const
  return { options, identity, key: await keyOf(identity), declared: await declare(options), seen: [] }
}

/**
 * The registration that a returning start can use as it is; `undefined` in every other case: then the keeper is loaded, looks
 * again, and says what is wrong. One of these cases is a record that differs from the one seen before, since it may be an older
 * one.
 */
export async function storedRegistration(
  { options, identity, key, declared, seen }: Start,
  signal?: AbortSignal,
): Promise<RegistrationResponse | undefined> {
  const { store } = options
  const stored = await bounded(
    longestLook(options),
    signal,
    (own) => store.load(key, own),
    () => new Error(),
  ).catch(() => undefined)
  const record = parse(stored?.value)
  if (!stored || !isOurs(record, identity)) return undefined
  const isGood = isAtRest(record, options, declared)
  if (seen.at(-1)?.record.writeId !== record.writeId) seen.push({ record, version: stored.version })
  return seen.length === 1 && isGood ? record.registration : undefined
}

/** Milliseconds for which a start waits for the store; then the keeper is loaded, which waits itself and says what is wrong. */
export const longestLook = (options: KeeperOptions): number => Math.min(timeoutOf(options), 5000)

/** Whether a record leaves nothing to do: its registration is returned without a request, and without code that makes any. */
function isAtRest(record: RegistrationRecord, options: KeeperOptions, declared: Declaration): boolean {
  const { deleted, intent, suspicion, registration, declaration, doubt, renewAt = Infinity, offers } = record
  const now = platform.now()
  const noted = lastNote(record, declared, overlapOf(options), now)
  return (
    !deleted &&
    !intent &&
    !suspicion &&
    !doubt &&
    Boolean(registration?.client_id) &&
    declaration?.hash === declared.hash &&
    (declared.generation ?? -Infinity) <= (declaration.generation ?? -Infinity) &&
    now < Math.min(renewAt, keysDueAt(options.keys, record)) &&
    (!noted || binds(noted, now)) &&
    (!offers || binds(offers, now))
  )
}

/**
 * The key that a registration is stored under: a part of the application's name for people, and hashes that no two
 * identities share. It is a file name, a lock name and the name of a Kubernetes object, and the instances of one
 * application have the same beginning.
 */
async function keyOf([issuer, application, instance]: Identity): Promise<string> {
  const name =
    application
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '')
      .slice(0, 24) || 'app'
  const own = instance === undefined ? 'shared' : await sha256(instance)
  return `${name}-${await sha256(`${issuer.length}:${issuer}${application}`)}.${own}`
}

/** The first half of the hash: neither chance nor an attacker can make two texts share it. */
const sha256 = async (text: string): Promise<string> =>
  Array.from((await platform.sha256(text)).slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')

async function declare(options: KeeperOptions): Promise<Declaration> {
  const { metadata: given, keys, generation, preRegistered, metadataDocument, prefer, server } = options
  const metadata = { ...given, ...(keys && { token_endpoint_auth_method: byKey }) }
  const sent: [string, unknown][] = Object.entries(metadata).filter(([, value]) => value !== null && value !== '')
  // Which keys they are may change without the declaration; their algorithm is part of it.
  const { alg = 'ES256' } = keys ?? {}
  if (keys) sent.push(['jwks', given.jwks ? [alg, given.jwks] : alg])
  // So are the clients that the application could be without registering; no member has this name.
  const takes = server?.['client_id_metadata_document_supported']
  if (preRegistered ?? metadataDocument) sent.push(['', [preRegistered, metadataDocument, prefer, takes]])
  return { hash: await sha256(canonical(Object.fromEntries(sent))), generation, metadata }
}
