import type { StoreCase } from './case.ts'
import { mustSave } from './exchange-cases.ts'
import { ensureSame, ensureThat } from './case.ts'

const longestKey = 200
const longestValue = 65_536
/** The length of such a value when it is sealed: a third more, and the header of the seal. */
const longestSealed = Math.ceil((longestValue * 4) / 3) + 1024

/** Values that a store might take for syntax, trim, fold, normalise or count wrongly. */
const values: readonly (readonly [name: string, value: string])[] = [
  ['the empty string', ''],
  ['JSON', '{"client_id":"a","nested":{"list":[1,2.5,null,true]}}'],
  ['white space at both ends', ' \n\t value \r\n'],
  ['line ends of three kinds', 'a\nb\r\nc\rd'],
  ['quotes and backslashes', `'"\`\\ \\n \\u0041 $1 %s ; -- /* */`],
  ['text beyond ASCII', 'Zürich, Ελλάδα, 東京, עברית, 🦊👩‍👩‍👧'],
  ['two spellings of one letter', '\u00E9 e\u0301'],
  ['control characters', '\u0001\u0008\u001B\u007F\u0085\u2028\uFEFF'],
  ['what looks like null', 'null'],
  ['64 kB', 'x'.repeat(longestValue)],
  ['64 kB of characters that take four bytes each', '🦊'.repeat(longestValue / 4)],
]

/** Ends of keys that a careless store would take for the same key, or for a name of its own; all are allowed in a key. */
const ends: readonly string[] = [
  'a',
  '-a',
  '.a',
  '.a.b',
  '.a-b',
  '-a.b',
  '.1',
  '.10',
  '.temp',
  '.json',
  '.removed',
  '.lock',
  `.${'x'.repeat(120)}`,
  `.${'x'.repeat(119)}y`,
  `.${'x'.repeat(121)}`,
]

export const valueCases: readonly StoreCase[] = [
  ...values.map(([name, value]): StoreCase => [
    `a value comes back as it was: ${name}`,
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      await mustSave(store, key, value, undefined)
      const found = await store.load(key)
      ensureThat(found !== undefined, 'what was saved is absent')
      ensureSame(found.value, value, 'the value')
      const changed = value.replace(/.?$/su, 'y')
      await mustSave(store, key, changed, found.version)
      ensureSame((await store.load(key))?.value, changed, 'the value after a change of its end')
    },
  ]),
  [
    'a value of a third more than 64 kB, as where encryptedStore seals it, comes back as it was or is refused',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const value = `${'x'.repeat(longestSealed - 1)}y`
      try {
        await mustSave(store, key, value, undefined)
      } catch (error) {
        // A store that seals by itself may have no room for such a value.
        if (Reflect.get(Object(error), 'code') === 'store-denied') return
        throw error
      }
      ensureSame((await store.load(key))?.value, value, 'the value')
    },
  ],
  [
    'a short value after a long one leaves nothing of the long one',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const version = await mustSave(store, key, 'x'.repeat(longestValue), undefined)
      await mustSave(store, key, 'short', version)
      ensureSame((await store.load(key))?.value, 'short', 'the value')
    },
  ],
  [
    'a save of the value that is there has a version of its own',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const first = await mustSave(store, key, 'value', undefined)
      const second = await mustSave(store, key, 'value', first)
      ensureThat(second !== first, 'two saves of one value have one version')
      ensureSame((await store.load(key))?.version, second, 'the version')
      ensureSame(await store.save(key, 'late', first), false, 'a save over the version before')
    },
  ],
  [
    'keys of a to z, 0 to 9, - and . are told apart to their end',
    async ({ make, newKey }) => {
      const [store, before] = [await make(), newKey()]
      const keys = ['', ...ends].map((end) => before + end)
      // Keys of the greatest length, which differ only in their last letter.
      for (const end of ['x', 'y']) keys.push(`${before}.`.padEnd(longestKey - 1, 'x') + end)
      for (const key of keys) ensureSame(await store.load(key), undefined, `load of ${key} before it was saved`)
      for (const key of keys) await mustSave(store, key, `value of ${key}`, undefined)
      for (const key of keys) ensureSame((await store.load(key))?.value, `value of ${key}`, `the value of ${key}`)
    },
  ],
  [
    'an object that a load returned is the caller’s own',
    async ({ make, newKey }) => {
      const [store, key] = [await make(), newKey()]
      const version = await mustSave(store, key, 'value', undefined)
      const found = await store.load(key)
      ensureThat(found !== undefined, 'what was saved is absent')
      found.value = 'changed by the caller'
      found.version = 'changed by the caller'
      ensureSame((await store.load(key))?.value, 'value', 'the value')
      ensureSame((await store.load(key))?.version, version, 'the version')
    },
  ],
]
