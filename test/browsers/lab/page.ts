import { indexedDbStore } from '@registrant/browser'
import { storeConformance } from '@registrant/browser/testing'

import { changedWhileAside, interrupt, interruptCommit } from './aside.ts'
import { lookAtKey } from './stored-key.ts'
import { visit } from './visit.ts'
import type { Visited, Wish } from './visit.ts'

/** What tests call in the page, by expressions. */
const lab = {
  visit,
  lookAtKey,
  interrupt,
  interruptCommit,
  changedWhileAside,
  indexedDbStore,

  /** Begins a visit and does not wait for it: its outcome will be in `outcome`. */
  begin(wish: Wish): void {
    Reflect.deleteProperty(lab, 'outcome')
    void visit(wish).then((visited) => Object.assign(lab, { outcome: visited }))
  },

  inWorker: (wish: Wish): Promise<Visited> => ask(new Worker('/worker.js', { type: 'module' }), wish),

  /** Registers a service worker, and has it make a visit once it is active. */
  async inServiceWorker(script: string, wish: Wish): Promise<Visited> {
    const registration = await navigator.serviceWorker.register(script, { type: 'module', scope: `${script}-scope` })
    const worker = registration.installing ?? registration.waiting ?? registration.active
    if (worker === null) throw new Error('There is no service worker')
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (worker.state === 'activated') resolve()
        if (worker.state === 'redundant') reject(new Error('The service worker was not installed'))
      }
      worker.addEventListener('statechange', look)
      look()
    })
    return ask(worker, wish).finally(() => void registration.unregister())
  },

  /** The page goes on as one in a browser that has no Web Locks. */
  withoutLocks(): void {
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })
  },

  /** Names what the store does not hold to, with the reason, and how many cases there were. */
  async conformance(): Promise<{ cases: number; failed: string[] }> {
    const failed: string[] = []
    const cases = storeConformance(() => indexedDbStore('conformance'))
    for (const { name, run } of cases) await run().catch((error: unknown) => failed.push(`${name}: ${String(error)}`))
    return { cases: cases.length, failed }
  },
}

function ask(to: Worker | ServiceWorker, wish: Wish): Promise<Visited> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve, reject) => {
    port1.addEventListener('message', ({ data }: MessageEvent<Visited>) => resolve(data))
    port1.start()
    to.addEventListener('error', () => reject(new Error('The worker could not be started')))
    to.postMessage(wish, [port2])
  })
}

Object.assign(globalThis, { lab })
