import type { Jwk } from '../../model/jwk.ts'
import type { KeeperOptions } from '../options.ts'
import type { ComingKey, Declaration, ManagedKey, ManagedKeys, RegistrationRecord } from './record.ts'
import { keysDueAt } from './layout.ts'
import { isProvenBySecret } from './credentials.ts'
import type { Moment, Timeline } from './timeline.ts'
import { binds } from './mark.ts'

/** Whether the server fetches the manager's keys itself, from where the application publishes them (`jwks_uri`). */
export const isFetched = ({ keys }: Pick<KeeperOptions, 'keys'>, declaration: Declaration | undefined): boolean =>
  keys !== undefined && Boolean(declaration?.metadata.jwks_uri)

/** Whether other credentials of the client in use are another key: nothing else proves it. */
export const isByKeys = (record: RegistrationRecord, { keys }: Pick<KeeperOptions, 'keys'>): boolean =>
  keys !== undefined && !isProvenBySecret(record)

/** Whether another key needs no request: the server fetches the keys itself, and goes on with the same algorithm. */
export function isRecordOnly({ keys, declaration }: RegistrationRecord, options: Pick<KeeperOptions, 'keys'>): boolean {
  const { coming, current } = keys ?? {}
  const isSameKind = current !== undefined && (coming ?? current).publicJwk.alg === current.publicJwk.alg
  return isSameKind && isFetched(options, declaration)
}

/**
 * Whether something is to be done about the keys: in the record alone, or by a request. A server that fetches the keys itself
 * goes on for a while with those that it has: another key is published first, and signs when that mark has ended.
 */
export function dueKeys(
  record: RegistrationRecord,
  options: Pick<KeeperOptions, 'keys'>,
  time: Timeline,
): 'record' | 'request' | undefined {
  const dueAt = keysDueAt(options.keys, record)
  const published = record.keys?.coming?.published
  const isDue = published && dueAt > 0 ? !time.binds(published) : time.isPast(dueAt)
  if (!isDue) return undefined
  return dueAt > 0 && isRecordOnly(record, options) ? 'record' : 'request'
}

/** The key that is to sign once the server has what is declared: the coming one, unless it is only published for a while. */
export const signer = ({ coming, current }: ManagedKeys, now: number): ManagedKey =>
  coming === undefined || binds(coming.published, now) ? current : coming

/** The keys of a record once the server has what was declared; until then nothing of them is taken back. `isNew`: of another client. */
export function settledKeys(
  { now, overlap, options }: Moment,
  keys: ManagedKeys | undefined,
  declaration: Declaration,
  isNew = false,
): ManagedKeys | undefined {
  if (keys === undefined) return undefined
  const { jwks, token_endpoint_auth_signing_alg: told } = declaration.metadata
  const isElsewhere = isFetched(options, declaration)
  const isPublished = ({ kid }: ManagedKey): boolean => isElsewhere || jwks?.keys.some((it) => it.kid === kid) === true
  const { current, retired, wish, ...rest } = keys
  const { published, alone, ...coming }: ComingKey = keys.coming ?? current
  const { alg } = coming.publicJwk
  // A server that was told another algorithm accepts only a key of that one.
  const isInTime = alg === told && (alg !== current.publicJwk.alg || !binds(published, now))
  const mayTakeOver = coming.kid !== current.kid && (isNew || !alone) && (published === undefined || isInTime)
  const takesOver = mayTakeOver && isPublished(coming)
  const signs = takesOver ? coming : current
  if (!isPublished(signs)) return undefined
  const before = takesOver && !alone ? { ...current, until: now + overlap } : retired
  const isOver = takesOver ? alone : isElsewhere && retired && now >= retired.until
  const asked = wish ?? keys.alg
  return {
    ...rest,
    alg: asked,
    followed: signs.publicJwk.alg === asked ? undefined : true,
    current: signs,
    coming: takesOver ? undefined : keys.coming,
    retired: before && isPublished(before) && !isOver ? before : undefined,
  }
}

/** What servers get to know of the keys: the one that signs, the one that will, and the one that did. */
export const publicKeys = ({ current, coming, retired }: ManagedKeys): { keys: Jwk[] } => ({
  keys: [current, coming, retired].flatMap((key) => (key === undefined ? [] : [structuredClone(key.publicJwk)])),
})
