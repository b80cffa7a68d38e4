import { StateError, StoreError } from '@registrant/core'
import type { RegistrationStore, StoredValue } from '@registrant/core'

import { Changes } from '../engine/changes.ts'
import { whileWaited } from '../engine/failure.ts'
import { demand } from '../engine/options.ts'
import { bytesOf } from '../engine/value.ts'
import { ask, mounted } from './api.ts'
import type { ApiPlace } from './api.ts'
import { doubtful, noAnswer, refusal } from './failure.ts'
import { entryOf, isNewer, isSecret, newSecret, statusOf, versionOf, withEntry } from './secret.ts'
import type { Entry, Secret } from './secret.ts'
import { openWatch } from './watch.ts'

/** How a {@link kubernetesStore} is made. */
export interface KubernetesStoreOptions {
  /** The name of the Secret; it is made by the first save. Default: `registrant` */
  name?: string | undefined
  /** Its namespace. Default: the pod's own */
  namespace?: string | undefined
  /** The address of the API. Default: what the pod's environment says (`KUBERNETES_SERVICE_HOST` and `_PORT`) */
  server?: string | undefined
  /** The folder with `token`, `ca.crt` and `namespace`. Default: `/var/run/secrets/kubernetes.io/serviceaccount` */
  serviceAccount?: string | undefined
}

/** A Kubernetes store, with the optional methods that it always has. */
export type KubernetesStore = RegistrationStore & Required<Pick<RegistrationStore, 'changed' | 'close'>>

/** Attempts of a save: others may save other keys of the Secret, or label it, meanwhile. */
const tries = 20

/**
 * Keeps registrations in a Secret of Kubernetes, an entry for each, for all pods of a service.
 *
 * It needs no client library: it asks the API by the service account that is mounted into the pod, whose token is read anew each
 * time, since Kubernetes replaces it. A save replaces the Secret with the `resourceVersion` that was read, and tries again where
 * another entry, or a label, was changed meanwhile; everything else that stands in the Secret is kept. A Secret holds 1 MiB, so
 * where hundreds of instances have a registration each, give each a Secret of its own.
 *
 * `changed` watches the Secret; where the service account may not watch, it reads the Secret now and then. This call opens and
 * reads nothing.
 *
 * `load` and `save` throw `StoreError`: `store-denied` without a Role, a namespace or a token; `store-unavailable` while the API
 * does not answer; `store-unknown` for a save whose answer was lost, or says that the API failed; `store-corrupt` with a `version`
 * for an entry that is none of ours. For a newer release's entry they throw `StateError` `newer-schema`.
 *
 * It was tried against an imitation of the API, and not in a real cluster.
 *
 * @throws {InvalidRequestError} `name` is no name of a Secret, `server` no `https` address, or another option is empty or no text
 * @see [Secret](https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/)
 *
 * @example
 * ```ts
 * import { RegistrationManager } from '@registrant/node'
 * import { kubernetesStore } from '@registrant/node/kubernetes'
 *
 * const manager = new RegistrationManager({
 *   issuer: 'https://as.example',
 *   application: 'orders',
 *   metadata: { redirect_uris: ['https://orders.example/callback'] },
 *   store: kubernetesStore({ name: 'orders-registration' }),
 * })
 * ```
 */
export function kubernetesStore(options: KubernetesStoreOptions = {}): KubernetesStore {
  const { namespace: own, server, ...others }: KubernetesStoreOptions = Object(options)
  const { name = 'registrant', serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount' } = others
  requireOptions({ name, namespace: own, server, serviceAccount })
  const place = (): ApiPlace => ({ server: serverOf(server), serviceAccount })
  const secrets = async (): Promise<string> => {
    const namespace = own ?? (await mounted(serviceAccount, 'namespace'))
    return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`
  }

  const read = async (signal: AbortSignal | undefined): Promise<Secret | undefined> => {
    const answer = await ask(place(), 'GET', `${await secrets()}/${name}`, { signal })
    if (answer.status === 200 && isSecret(answer.body)) return answer.body
    const status = statusOf(answer.body)
    if (answer.status === 404 && status?.reason === 'NotFound' && status.kind === 'secrets') return undefined
    throw refusal(answer, 'show', name)
  }
  const shown = (signal: AbortSignal | undefined): Promise<Secret | undefined> =>
    whileWaited(
      asked('load', name, () => read(signal)),
      signal,
    )
  const load = async (key: string, signal?: AbortSignal): Promise<StoredValue | undefined> => {
    signal?.throwIfAborted()
    const found = await shown(signal)
    const entry = await touchable(found, key)
    if (typeof entry === 'string') throw unreadable(name, key, entry)
    return entry && { value: entry.value, version: entry.version }
  }
  /** The entry under a key, unless a newer release wrote it. */
  const touchable = async (secret: Secret | undefined, key: string): Promise<Entry | string | undefined> => {
    const entry = await entryOf(secret, key)
    if (typeof entry !== 'string' || !isNewer(entry)) return entry
    const what = `The entry ${key} of the Secret ${name} was written by a newer release`
    throw new StateError('newer-schema', `${what}. It was not touched. Use that release.`)
  }
  /** Sends the Secret; `true`: it was saved, `undefined`: the Secret has changed since it was read. */
  const write = async (secret: Secret): Promise<true | undefined> => {
    const isNew = secret.metadata.resourceVersion === undefined
    const path = await secrets()
    const answer = await ask(place(), isNew ? 'POST' : 'PUT', isNew ? path : `${path}/${name}`, { body: secret })
    if (answer.status === 200 || answer.status === 201) return true
    const status = statusOf(answer.body)
    if (answer.status === 409 || (answer.status === 404 && status?.kind === 'secrets')) return undefined
    if (answer.status >= 500) throw doubtful(answer, name)
    throw refusal(answer, isNew ? 'make' : 'replace', name)
  }
  const changes = new Changes(
    async (key, signal) => (await load(key, signal))?.version,
    async (heard, lost, signal) => openWatch(place(), await secrets(), name, heard, lost, signal),
  )
  return {
    load,
    async save(key, value, expected, signal) {
      bytesOf(value)
      const version = crypto.randomUUID()
      for (let round = 0; round < tries; round++) {
        signal?.throwIfAborted()
        const secret = await shown(signal)
        const found = versionOf(await touchable(secret, key))
        // A request that was carried out may have been sent again on its way, and the second refused as late.
        if (found === version) return version
        if (found !== expected) return false
        const next = withEntry(secret ?? newSecret(name), key, { version, value })
        // A save that is sent can't be called back, so the caller hears what became of it.
        if (await asked('save', name, () => write(next))) return version
      }
      throw new StoreError('store-unavailable', `The Secret ${name} was changed by others ${tries} times in a row.`)
    },
    changed: (key, version, signal) => changes.changed(key, version, signal),
    close: () => changes.close(),
  }
}

async function asked<T>(operation: 'load' | 'save', name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw noAnswer(error, operation, name)
  }
}

const unreadable = (name: string, key: string, version: string): StoreError =>
  new StoreError(
    'store-corrupt',
    `The entry ${key} of the Secret ${name} is none that was written by us. That is not taken for an absent registration. ` +
      'Bring it back from a backup; or recover() with what is known of the client, or forget() it.',
    { version },
  )

function serverOf(server: string | undefined): URL {
  if (server !== undefined) return new URL(server)
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env
  if (host === undefined || host === '')
    throw new StoreError(
      'store-denied',
      'This does not run in a pod of Kubernetes (KUBERNETES_SERVICE_HOST is not set). Use another store, or, in a program, kubernetesStore({ server }).',
    )
  return new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
}

function requireOptions({ name = '', namespace = 'its own', server, serviceAccount }: KubernetesStoreOptions): void {
  const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== ''
  const isName =
    isFilled(name) &&
    name.length <= 253 &&
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)
  const isAddress = server === undefined || (URL.canParse(server) && new URL(server).protocol === 'https:')
  demand(
    ['name', isName, 'It must be a name of a Secret: a to z, 0 to 9, - and ., at most 253'],
    ['namespace', isFilled(namespace), 'It must be the name of a namespace'],
    ['server', isAddress, 'It must be an https address'],
    ['serviceAccount', isFilled(serviceAccount), 'It must be the path of a folder'],
  )
}
