import type { RegistrationStore } from '../store.ts'
import type { Bench, StoreCase } from './case.ts'
import { ensureSame, ensureThat } from './case.ts'

/** A version that no store gave: nothing was ever saved under it. */
const neverGiven = 'a-version-that-no-store-gave'

/** Saves a value, and throws where the save is refused. */
export async function mustSave(
  store: RegistrationStore,
  key: string,
  value: string,
  expected: string | undefined,
): Promise<string> {
  const version = await store.save(key, value, expected)
  ensureThat(version !== false, 'nobody else saved, and the save was refused')
  ensureThat(typeof version === 'string' && version !== '', `a version is a string that is not empty, not ${version}`)
  return version
}

/** Two instances over the same data, or the first one twice if the second has other data. */
export async function twoInstances({ make, newKey }: Bench): Promise<[RegistrationStore, RegistrationStore]> {
  const [first, second] = [await make(), await make()]
  const probe = newKey()
  await mustSave(first, probe, 'probe', undefined)
  return [first, (await second.load(probe)) === undefined ? first : second]
}

/** Adds one to the stored number as often as asked; returns how often a save was refused. */
async function addOnes(store: RegistrationStore, key: string, times: number): Promise<number> {
  let refused = 0
  for (let added = 0; added < times;) {
    const found = await store.load(key)
    const version = await store.save(key, String(Number(found?.value ?? 0) + 1), found?.version)
    if (version === false) refused++
    else added++
    ensureThat(refused < 10_000, 'a save was refused 10,000 times while others went on')
  }
  return refused
}

export const exchangeCases: readonly StoreCase[] = [
  [
    'a key that was never saved is absent',
    async ({ make, newKey }) => ensureSame(await (await make()).load(newKey()), undefined, 'load'),
  ],
  [
    'the first save gives a version, and a load gives value and version back',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const version = await mustSave(store, key, 'first', undefined)
      for (let times = 0; times < 2; times++) {
        const found = await store.load(key)
        ensureSame(found?.value, 'first', 'the value')
        ensureSame(found?.version, version, 'the version')
      }
    },
  ],
  [
    'a save over the loaded version replaces the value',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const first = await mustSave(store, key, 'first', undefined)
      const second = await mustSave(store, key, 'second', first)
      ensureThat(first !== second, 'the second save got the version of the first')
      ensureSame((await store.load(key))?.value, 'second', 'the value')
      ensureSame((await store.load(key))?.version, second, 'the version')
    },
  ],
  [
    'a save that expects nothing where something is changes nothing and is false',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const version = await mustSave(store, key, 'first', undefined)
      ensureSame(await store.save(key, 'other', undefined), false, 'the save')
      ensureSame((await store.load(key))?.value, 'first', 'the value')
      ensureSame((await store.load(key))?.version, version, 'the version')
    },
  ],
  [
    'a save over an older version changes nothing and is false',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const first = await mustSave(store, key, 'first', undefined)
      const second = await mustSave(store, key, 'second', first)
      ensureSame(await store.save(key, 'other', first), false, 'the save')
      ensureSame((await store.load(key))?.value, 'second', 'the value')
      ensureSame((await store.load(key))?.version, second, 'the version')
    },
  ],
  [
    'a save over a version that nobody gave is false, whether something is there or not',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      ensureSame(await store.save(key, 'other', neverGiven), false, 'the save where nothing is')
      ensureSame(await store.load(key), undefined, 'load')
      await mustSave(store, key, 'first', undefined)
      ensureSame(await store.save(key, 'other', neverGiven), false, 'the save where something is')
      ensureSame((await store.load(key))?.value, 'first', 'the value')
    },
  ],
  [
    'no version comes twice, not even for a value that does',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const versions = new Set<string>()
      let version: string | undefined
      for (let count = 0; count < 60; count++) {
        version = await mustSave(store, key, count % 2 === 0 ? 'one' : 'other', version)
        versions.add(version)
      }
      ensureSame(versions.size, 60, 'different versions of 60 saves')
      for (const old of [...versions].slice(0, -1))
        ensureSame(await store.save(key, 'late', old), false, 'a save over an old version')
    },
  ],
  [
    'a version is no count of saves: another key’s first has another one',
    async ({ make, newKey }) => {
      const [store, key, other] = [await make(), newKey(), newKey()]
      const version = await mustSave(store, key, 'value', undefined)
      const foreign = await mustSave(store, other, 'other value', undefined)
      ensureThat(version !== foreign, 'a count starts over where a backup is restored or another node takes over')
      ensureSame(await store.save(key, 'late', foreign), false, 'a save over a version of another key')
    },
  ],
  [
    'what one instance saves the other loads, and saves over',
    async (bench) => {
      const [[first, second], key] = [await twoInstances(bench), bench.newKey()]
      const version = await mustSave(first, key, 'from the first', undefined)
      ensureSame((await second.load(key))?.version, version, 'the version')
      await mustSave(second, key, 'from the second', version)
      ensureSame(await first.save(key, 'late', version), false, 'the save of the first')
      ensureSame((await first.load(key))?.value, 'from the second', 'the value')
    },
  ],
  [
    'of twenty who save first one succeeds, and its value is what is there',
    async (bench) => {
      const stores = await twoInstances(bench)
      for (let round = 0; round < 5; round++) {
        const key = bench.newKey()
        const saves = Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? stores[0] : stores[1]).save(key, `value ${index}`, undefined),
        )
        const versions = await Promise.all(saves)
        const [winner = -1, ...more] = versions.flatMap((version, index) => (version === false ? [] : [index]))
        ensureSame(more.length + (winner < 0 ? 0 : 1), 1, 'successful saves')
        const found = await stores[1].load(key)
        ensureSame(found?.value, `value ${winner}`, 'the value')
        ensureSame(found?.version, versions[winner], 'the version')
      }
    },
  ],
  [
    'of twenty who save over the same version one succeeds',
    async (bench) => {
      const [stores, key] = [await twoInstances(bench), bench.newKey()]
      let version = await mustSave(stores[0], key, 'start', undefined)
      for (let round = 0; round < 5; round++) {
        const expected = version
        const saves = Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? stores[0] : stores[1]).save(key, `value ${round} ${index}`, expected),
        )
        const [winner = '', ...more] = (await Promise.all(saves)).filter((saved) => saved !== false)
        ensureSame(more.length + (winner === '' ? 0 : 1), 1, 'successful saves')
        version = winner
      }
    },
  ],
  [
    'no addition of eight who add at once is lost',
    async (bench) => {
      const [stores, key] = [await twoInstances(bench), bench.newKey()]
      const adding = Array.from({ length: 8 }, (_, index) => addOnes(index % 2 === 0 ? stores[0] : stores[1], key, 10))
      await Promise.all(adding)
      ensureSame((await stores[0].load(key))?.value, '80', 'the sum')
    },
  ],
  [
    'keys do not disturb each other',
    async (bench) => {
      const stores = await twoInstances(bench)
      const keys = Array.from({ length: 10 }, () => bench.newKey())
      await Promise.all(keys.map((key, index) => addOnes(index % 2 === 0 ? stores[0] : stores[1], key, index + 1)))
      for (const [index, key] of keys.entries())
        ensureSame((await stores[1].load(key))?.value, String(index + 1), `the sum of key ${index}`)
    },
  ],
]
