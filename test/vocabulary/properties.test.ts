import type { RegistrationRequest } from '@registrant/node'
import { checkRequest, checkUpdate } from '@registrant/node/checks'
import { registrationRequest } from '@registrant/node/exchange'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { good, service } from '../checks/rows.ts'
import { as, reading } from '../support/reading.ts'
import type { Member } from './members.ts'
import { standard } from './members.ts'

const uri = fc.oneof(
  fc.webUrl(),
  fc.constantFrom('http://127.0.0.1/cb', 'app.example:/cb', 'javascript:alert(1)', '/cb'),
)
const text = fc.oneof(
  fc.string(),
  uri,
  fc.constantFrom('', 'none', 'private_key_jwt', 'ES256', 'HS256', 'pairwise', 'ping'),
)
const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true, maxDepth: 2 })
const json = fc.jsonValue({ maxDepth: 2 })

/** Values that a member may have, and some that it may not. */
const valueOf = ({ kind, known = [], closed = [] }: Member): fc.Arbitrary<unknown> => {
  const one = fc.oneof(text, fc.constantFrom('', ...known, ...closed))
  const right = {
    string: one,
    strings: fc.array(one, { maxLength: 3 }),
    boolean: fc.boolean(),
    number: fc.nat(),
    object: fc.oneof(fc.record({ keys: fc.array(fc.dictionary(fc.string(), json)) }), fc.dictionary(fc.string(), json)),
    objects: fc.array(fc.dictionary(fc.string(), json)),
  }[kind]
  return fc.oneof({ weight: 8, arbitrary: right }, { weight: 1, arbitrary: anything })
}

const members = standard.filter(({ direction }) => direction !== 'response')
// Few members at a time, or nothing would ever pass.
const requests = fc
  .subarray([...members], { maxLength: 4 })
  .chain((some) =>
    fc
      .tuple(
        fc.constantFrom(good, service),
        fc.record(Object.fromEntries(some.map((member) => [member.name, valueOf(member)]))),
        fc.dictionary(fc.string(), fc.oneof(json, anything), { maxKeys: 2 }),
      )
      .map(([base, own, vendor]): object => ({ ...base, ...own, ...vendor })),
  )

/** What goes out of a request: neither undefined nor null nor the empty string. */
const sentOf = (request: object): unknown =>
  zeros(
    Object.fromEntries(
      Object.entries(request).filter(
        ([member, value]) =>
          value !== undefined && value !== null && value !== '' && !(member === 'jwks' && isWithoutKeys(value)),
      ),
    ),
  )

/** An empty key set is none. */
function isWithoutKeys(jwks: unknown): boolean {
  if (typeof jwks !== 'object' || jwks === null || Array.isArray(jwks)) return false
  const keys: unknown = Reflect.get(jwks, 'keys')
  return keys === undefined || (Array.isArray(keys) && keys.length === 0)
}

/** JSON knows one zero. */
function zeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(zeros)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, zeros(item)]))
}

test('a request that breaks no rule is JSON that, read back, is equal', () => {
  let passed = 0
  fc.assert(
    fc.property(requests, (request) => {
      const asked: RegistrationRequest = {}
      // As it is: to assign a member called __proto__ would be something else.
      Object.defineProperties(asked, Object.getOwnPropertyDescriptors(request))
      if (checkRequest(asked).some(({ level }) => level === 'MUST')) return
      passed += 1
      expect(JSON.parse(registrationRequest(as, asked).body ?? '')).toEqual(sentOf(request))
    }),
    { numRuns: 2000 },
  )
  expect(passed).toBeGreaterThan(200)
})

test('a check never throws, whatever it is given', () => {
  fc.assert(
    fc.property(fc.oneof(requests, fc.object({ withBigInt: true, withNullPrototype: true })), (request) => {
      const asked: RegistrationRequest = {}
      Object.assign(asked, request)
      for (const { member, message } of checkRequest(asked)) expect(member + message).not.toBe('')
    }),
    { numRuns: 1000 },
  )
})

test('what is no object is no request, and no update', () => {
  for (const wrong of [null, undefined, 'scope', 5, []])
    for (const check of [checkRequest, checkUpdate])
      expect(Reflect.apply(check, undefined, [wrong, null])).toMatchObject([{ rule: 'not-json', level: 'MUST' }])
  expect(Reflect.apply(checkUpdate, undefined, [{ client_id: 'c1' }, null])).toContainEqual(
    expect.objectContaining({ rule: 'R20' }),
  )
})

const known = new Set(standard.map(({ name }) => name))
const unsafe = ['__proto__', 'constructor', 'prototype']

test('an answer with members that nobody knows is read with all of them', () => {
  const extras = fc.dictionary(
    fc.string().filter((name) => !known.has(name.split('#')[0] ?? '') && !unsafe.includes(name)),
    fc.jsonValue({ maxDepth: 3 }).filter((value) => !unsafe.some((name) => JSON.stringify(value).includes(name))),
    { maxKeys: 20 },
  )
  fc.assert(
    fc.property(extras, (extra) => {
      const { value } = reading({ ...extra, client_id: 'c1' })
      expect(value).toEqual(zeros({ ...extra, client_id: 'c1' }))
    }),
    { numRuns: 1000 },
  )
})
