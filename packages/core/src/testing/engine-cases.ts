import type { StoreCase } from './case.ts'
import { mustSave } from './exchange-cases.ts'
import { ensureSame, ensureThat, soon } from './case.ts'

export const engineCases: readonly StoreCase[] = [
  [
    'risks, where the store has them, are rules in kebab-case with a message, and the same when asked again',
    async ({ make }) => {
      const store = await make()
      if (store.risks === undefined) return
      const risks = await soon(store.risks(AbortSignal.timeout(20_000)), 'risks')
      for (const { rule, message } of risks) {
        ensureThat(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(rule), `${rule} is no rule in kebab-case`)
        ensureThat(message.length > 0, `${rule} has no message`)
      }
      ensureSame(await store.risks(), risks, 'what is asked again')
    },
  ],
  [
    'close, where the store has it, may be called twice, and the store may be used again',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      if (store.close === undefined) return
      const version = await mustSave(store, key, 'before', undefined)
      for (let times = 0; times < 2; times++) await soon(store.close(), 'close')
      ensureSame((await store.load(key))?.value, 'before', 'the value')
      await mustSave(store, key, 'after', version)
      await store.close()
    },
  ],
  [
    'close, where the store has it, leaves no wait for a change open',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      if (store.close === undefined || store.changed === undefined) return
      const version = await mustSave(store, key, 'before', undefined)
      const waiting = store.changed(key, version, AbortSignal.timeout(20_000)).catch(() => undefined)
      await store.close()
      await soon(waiting, 'changed after the store was closed')
    },
  ],
]
