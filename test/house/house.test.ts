// How the source of core is laid out (docs/architecture.md), as its syntax tree says.
import { expect, test } from 'vitest'

import { circles, sources } from './source.ts'

test('no file imports itself by way of others, not for a type and not late', () => {
  expect(circles(sources).map((circle) => circle.join(' > '))).toEqual([])
})

test('there are at most 174 files besides the profiles, most of them of 60 to 130 lines, none over 220', () => {
  const lines = sources.map((file) => file.lines).toSorted((a, b) => a - b)
  const median = lines[lines.length >> 1]
  // A profile is a file of data for each server: there are as many as there are servers.
  expect(sources.filter((file) => !file.path.includes('profiles/')).length).toBeLessThanOrEqual(174)
  expect(median).toBeGreaterThanOrEqual(60)
  expect(median).toBeLessThanOrEqual(130)
  expect(sources.filter((file) => file.lines > 220).map(({ path, lines: count }) => `${path}: ${count}`)).toEqual([])
})

test('a file of the manager imports at most ten others of ours, types included', () => {
  const many = sources.filter(({ path, imports }) => path.startsWith('manager/') && imports.length > 10)
  expect(many.map(({ path }) => path)).toEqual([])
})

test('what decides, what an error means, and what becomes of a record has no await, no clock and no chance', () => {
  const core = /^manager\/(?:ensure\/(?:decide|outcomes)|maintain\/(?:failures|verdicts)|record\/transitions)\.ts$/
  const pure = sources.filter(({ path }) => core.test(path))
  expect(pure.map(({ awaits, imports }) => [awaits, imports.includes('platform.ts')])).toEqual(
    pure.map(() => [false, false]),
  )
  expect(pure.length).toBe(5)
})

test('code is imported late by the load.ts of its room alone, in at most eleven places', () => {
  const late = sources.filter(({ lateImports }) => lateImports > 0)
  expect(late.map(({ path }) => path).filter((path) => !/(?:^|\/)load\.ts$/.test(path))).toEqual([])
  expect(late.reduce((sum, { lateImports }) => sum + lateImports, 0)).toBeLessThanOrEqual(11)
})

/** Names that stand at the top of two files, mean the same in both, and why. */
const twice: Readonly<Record<string, string>> = {
  Disagreed: 'What the compiler shows where a table by hand differs from the types: once for kinds, once for schemas.',
  RegistrationManager: 'The same manager: the one of @registrant/core extends the other by the proof by a secret.',
  clientProof: 'What proves a client: one that a manager keeps, or one that the caller holds.',
  cannot: 'Why a server can not do something, in the words of its profile.',
  load: 'Loads a unit: each room has its own, over the one that says what happens when it can not be loaded.',
  register: 'Registers a client: at the server, and with its record around that.',
}

test('a name that two files declare means the same in both', () => {
  const places = new Map<string, string[]>()
  for (const { path, names } of sources)
    for (const name of new Set(names)) places.set(name, [...(places.get(name) ?? []), path])
  const found = [...places].filter(([, paths]) => paths.length > 1)
  expect(
    found.filter(([name]) => !Object.hasOwn(twice, name)).map(([name, paths]) => `${name}: ${paths.join(', ')}`),
  ).toEqual([])
  expect(Object.keys(twice).filter((name) => (places.get(name)?.length ?? 0) < 2)).toEqual([])
})

/** Files of one name, by what their folder says. */
const namesakes: Readonly<Record<string, string>> = {
  'addresses.ts': 'checks: rules about addresses in a request; exchange: which address may be contacted or shown',
  'adopt.ts': 'manager/ensure: a client that was just registered; manager/identity: one that needs no request',
  'authentication.ts': 'checks: rules about it; manager/keys: how the kept client proves itself',
  'context.ts': 'what each call of a client, or of a manager, needs',
  'dpop.ts': 'client: sends with proofs; keys: makes them',
  'errors.ts': 'the classes of all that is thrown; manager: what its verbs throw, in their words',
  'index.ts': 'an entry point, or what a unit offers',
  'load.ts': 'what loads the unit of the folder',
  'members.ts': 'model: the names and kinds; schema: the same as schemas',
  'options.ts': 'of a client, or of a manager',
  'preflight.ts': 'checks: compares request and metadata; client: when that is done, and what it refuses',
  'register.ts': 'client: the request; manager/ensure: the intent, the request and the record',
  'registration.ts': 'exchange: request and answer; model: their types',
  'request.ts': 'checks: rules of a request; manager/ensure: one request of the keeper',
}

test('files of one name are told apart by their folder', () => {
  const names = sources.map(({ path }) => path.split('/').at(-1) ?? '')
  const found = names.filter((name, index) => names.indexOf(name) !== index)
  expect([...new Set(found)].filter((name) => !Object.hasOwn(namesakes, name))).toEqual([])
  expect(Object.keys(namesakes).filter((name) => !found.includes(name))).toEqual([])
})
