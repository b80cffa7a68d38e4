import { indexedDbStore } from '@registrant/browser'
import type { RegistrationStore } from '@registrant/browser'

/** Each thing that a store does in a transaction, and how its outcome is told. */
const acts = {
  load: async (store: RegistrationStore) => (await store.load('kept'))?.value,
  save: async (store: RegistrationStore) => {
    await store.save('new', 'saved', undefined)
    return (await store.load('new'))?.value
  },
  'load a key': async ({ keys }: RegistrationStore) => (await keys?.load('none')) ?? 'no key',
  'save a key': async ({ keys }: RegistrationStore) => {
    const usages: readonly KeyUsage[] = ['sign', 'verify']
    await keys?.save('new', await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [...usages]))
    return (await keys?.load('new'))?.privateKey.type
  },
}

/** How a page hears that it is put aside, and that it is shown again. */
const ways = {
  'another page is shown': {
    leave: () => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })),
    back: () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
  },
  'it is frozen': {
    leave: () => document.dispatchEvent(new Event('freeze')),
    back: () => document.dispatchEvent(new Event('resume')),
  },
}

export interface Interruption {
  act: keyof typeof acts
  way: keyof typeof ways
}

/** Puts the page aside while a transaction is open: whether another may write meanwhile, and what came of the act afterwards. */
export async function interrupt({ act, way }: Interruption): Promise<{ isFree: boolean; outcome: unknown }> {
  const name = `${act}, ${way}`
  const store = indexedDbStore(name)
  await store.save('kept', 'value', undefined)
  const held = hold()
  const acting = acts[act](store).catch(String)
  await held.begun
  ways[way].leave()
  const late = new Promise<false>((resolve) => setTimeout(resolve, 5000, false))
  const isFree = await Promise.race([write(name, 'other', 'value').then(() => true), late])
  held.end()
  ways[way].back()
  return { isFree, outcome: await acting }
}

/** Puts the page aside while a save is being committed: what came of it, and what was thrown outside of it. */
export async function interruptCommit(): Promise<{ isSaved: boolean; thrown: string[] }> {
  // oxlint-disable-next-line typescript/unbound-method -- it is applied to the objects below
  const { put } = IDBObjectStore.prototype
  const thrown: string[] = []
  addEventListener('error', ({ message }) => thrown.push(message))
  IDBObjectStore.prototype.put = function (...value) {
    const request = put.apply(this, value)
    this.transaction.commit()
    ways['another page is shown'].leave()
    return request
  }
  const saved = indexedDbStore('committed').save('key', 'value', undefined)
  const isSaved = await saved.then(Boolean, () => false)
  IDBObjectStore.prototype.put = put
  ways['another page is shown'].back()
  return { isSaved, thrown }
}

/** Waits for a change, of which no channel tells, until the page is shown again. */
export async function changedWhileAside(): Promise<void> {
  const store = indexedDbStore('deaf')
  const version = await store.save('key', 'value', undefined)
  const { begun, end } = hold()
  const changed = store.changed?.('key', version || '', AbortSignal.timeout(20_000))
  await begun
  end()
  await write('deaf', 'key', { value: 'another', version: 'another' })
  ways['another page is shown'].back()
  await changed
}

/** Keeps the next transaction open until the end, or until it is aborted. */
function hold(): { begun: Promise<void>; end: () => void } {
  // oxlint-disable-next-line typescript/unbound-method -- they are applied to the objects below
  const { get, add } = IDBObjectStore.prototype
  let isOver = false
  let begin = (): void => undefined
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const end = (): void => {
    isOver = true
    Object.assign(IDBObjectStore.prototype, { get, add })
  }
  const keep = (objects: IDBObjectStore): void => {
    get.call(objects, 'nothing').addEventListener('success', () => {
      begin()
      if (!isOver) keep(objects)
    })
  }
  IDBObjectStore.prototype.get = function (...key) {
    const request = get.apply(this, key)
    keep(this)
    return request
  }
  IDBObjectStore.prototype.add = function (...value) {
    const request = add.apply(this, value)
    keep(this)
    return request
  }
  return { begun, end }
}

/** Writes as another page does, past the store. */
function write(name: string, key: string, value: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name)
    asked.addEventListener('error', () => reject(new Error(asked.error?.name)))
    asked.addEventListener('success', () => {
      const transaction = asked.result.transaction(['records', 'keys'], 'readwrite')
      transaction.objectStore('records').put(value, key)
      transaction.addEventListener('complete', () => {
        asked.result.close()
        resolve()
      })
    })
  })
}
