import type { RegistrationStore } from '../store.ts'
import type { StoreCase } from './case.ts'
import { mustSave, twoInstances } from './exchange-cases.ts'
import { ensureSame, ensureThat, failureOf, letPass, soon } from './case.ts'

/** A signal that has aborted, as of a caller that has left. */
const left = (): AbortSignal => AbortSignal.abort(new Error('the caller left'))

type Hint<Name extends 'changed' | 'exclusive'> = RegistrationStore & Required<Pick<RegistrationStore, Name>>

const hasChanged = (store: RegistrationStore): store is Hint<'changed'> => store.changed !== undefined
const hasExclusive = (store: RegistrationStore): store is Hint<'exclusive'> => store.exclusive !== undefined

/** A case for stores that have `changed`; the other instance is the same one where the store has no second. */
const whereChanged = (
  name: string,
  run: (store: Hint<'changed'>, key: string, other: RegistrationStore) => Promise<void>,
): StoreCase => [
  `changed, where the store has it, ${name}`,
  async (bench) => {
    const [store, other] = await twoInstances(bench)
    if (hasChanged(store)) await run(store, bench.newKey(), other)
  },
]

/** A case for stores that have `exclusive`; the other instance is the same one where the store has no second. */
const whereExclusive = (
  name: string,
  run: (store: Hint<'exclusive'>, keys: [string, string], other: Hint<'exclusive'>) => Promise<void>,
): StoreCase => [
  `exclusive, where the store has it, ${name}`,
  async (bench) => {
    const [store, other] = await twoInstances(bench)
    if (hasExclusive(store) && hasExclusive(other)) await run(store, [bench.newKey(), bench.newKey()], other)
  },
]

export const hintCases: readonly StoreCase[] = [
  [
    'a caller that has left gets an error and nothing is saved, or the save is made',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const version = await mustSave(store, key, 'before', undefined)
      const outcome = await store.save(key, 'after', version, left()).catch(() => 'refused' as const)
      ensureThat(outcome !== false, 'nobody else saved, and the save was refused')
      ensureSame((await store.load(key))?.value, outcome === 'refused' ? 'before' : 'after', 'the value')
      const read = await store.load(key, left()).catch(() => 'refused' as const)
      ensureThat(read !== undefined, 'a load that was called off says that the key is absent')
    },
  ],
  [
    'a caller that leaves during a save leaves the old value or the new one, and the store goes on',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      for (let round = 0; round < 20; round++) {
        const found = await store.load(key)
        const leaving = new AbortController()
        const saving = store.save(key, `value ${round}`, found?.version, leaving.signal).catch(() => 'refused' as const)
        if (round % 2 === 0) await letPass(round / 10)
        leaving.abort(new Error('the caller left'))
        const outcome = await soon(saving, 'a save whose caller left')
        ensureThat(outcome !== false, 'nobody else saved, and the save was refused')
        const after = await store.load(key)
        const [before, now] = [found?.value, `value ${round}`]
        ensureThat(
          after?.value === now || (outcome === 'refused' && after?.value === before),
          `after the save was ${outcome === 'refused' ? 'called off' : 'acknowledged'}: ${after?.value}`,
        )
      }
      const found = await store.load(key)
      await mustSave(store, key, 'at the end', found?.version)
    },
  ],
  whereChanged('resolves when somebody saves', async (store, key) => {
    const version = await mustSave(store, key, 'before', undefined)
    const waiting = store.changed(key, version, AbortSignal.timeout(20_000))
    await letPass(50)
    await mustSave(store, key, 'after', version)
    await soon(waiting, 'changed after a save')
  }),
  whereChanged('resolves when another instance saves', async (store, key, other) => {
    const version = await mustSave(store, key, 'before', undefined)
    const waiting = store.changed(key, version, AbortSignal.timeout(20_000))
    await letPass(50)
    await mustSave(other, key, 'after', version)
    await soon(waiting, 'changed after a save by another instance')
  }),
  whereChanged('resolves when somebody saved before it was called', async (store, key) => {
    const version = await mustSave(store, key, 'before', undefined)
    await mustSave(store, key, 'after', version)
    await soon(store.changed(key, version, AbortSignal.timeout(20_000)), 'changed after a save')
  }),
  whereChanged('stays quiet while nothing changes, and ends when the caller leaves', async (store, key) => {
    const version = await mustSave(store, key, 'before', undefined)
    const leaving = new AbortController()
    let woken = false
    const waiting = store.changed(key, version, leaving.signal).then(() => (woken = true))
    await letPass(100)
    ensureThat(!woken, 'changed resolved although nothing changed')
    leaving.abort(new Error('the caller left'))
    await failureOf(soon(waiting, 'changed after its caller left'), 'changed resolved although its caller left')
    await failureOf(
      soon(store.changed(key, version, left()), 'changed for a caller that has left'),
      'changed resolved for a caller that had left',
    )
  }),
  whereExclusive('resolves to what the task does, and is free after a task that failed', async (store, [key]) => {
    ensureSame(
      await soon(
        store.exclusive(key, async () => 42),
        'exclusive',
      ),
      42,
      'the result',
    )
    const wrong = new Error('the task failed')
    const failing = store.exclusive(key, () => Promise.reject(wrong))
    ensureThat(
      (await failureOf(soon(failing, 'exclusive'), 'the failure got lost')) === wrong,
      'another error came out',
    )
    ensureSame(
      await soon(
        store.exclusive(key, async () => 43),
        'exclusive',
      ),
      43,
      'the result',
    )
  }),
  whereExclusive(
    'runs tasks of one key one after the other, whichever instance is asked',
    async (store, [key], other) => {
      let running = 0
      const tasks = Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? store : other).exclusive(key, async () => {
          ensureSame(++running, 1, 'tasks that run at once')
          await letPass(5)
          running--
        }),
      )
      await soon(Promise.all(tasks), 'ten tasks')
    },
  ),
  whereExclusive('does not let a task wait for one of another key', async (store, [key, other]) => {
    const inner = store.exclusive(key, () => store.exclusive(other, async () => 'done'))
    ensureSame(await soon(inner, 'a task within one of another key'), 'done', 'the result')
  }),
  whereExclusive('does not run the task of a caller that left while it waited', async (store, [key]) => {
    const leaving = new AbortController()
    let [entered, ran] = [() => {}, false]
    const inside = new Promise<void>((resolve) => (entered = resolve))
    let finish = (): void => {}
    const holding = store.exclusive(key, () => {
      entered()
      return new Promise<void>((resolve) => (finish = resolve))
    })
    await soon(inside, 'the first task')
    const waiting = store.exclusive(key, async () => (ran = true), leaving.signal)
    leaving.abort(new Error('the caller left'))
    await failureOf(soon(waiting, 'exclusive after its caller left'), 'exclusive resolved although its caller left')
    finish()
    await soon(holding, 'the first task')
    await soon(
      store.exclusive(key, async () => {}),
      'the next task',
    )
    ensureThat(!ran, 'the task of a caller that left was run')
  }),
]
