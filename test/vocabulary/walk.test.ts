import { registrationRequestSchema, registrationResponseSchema, updateRequestSchema } from '@registrant/core/schema'
import requestFile from '@registrant/core/schema/registration-request.json' with { type: 'json' }
import responseFile from '@registrant/core/schema/registration-response.json' with { type: 'json' }
import updateFile from '@registrant/core/schema/update-request.json' with { type: 'json' }
import { describe, expect, test } from 'vitest'

import { compile } from '../support/compile.ts'
import { memberDocstrings } from '../support/documented.ts'
import { drafts, standard } from './members.ts'
import { programOf } from './program.ts'

const requested = standard.filter(({ direction }) => direction !== 'response')
const answered = standard.filter(({ direction }) => direction !== 'request')

describe('every standard member of the specifications', () => {
  test('has a type of its kind, in its direction, that completes what is registered and takes any other string', () => {
    expect(compile(programOf(standard, drafts)).errors).toEqual([])
  })

  test('is noticed when its type gets worse', () => {
    const worse = {
      token_endpoint_auth_method: 'string',
      grant_types: 'any',
      redirect_uris: 'unknown',
      application_type: 'string',
      vp_formats_supported: 'string',
      id_token_signing_alg_values_supported: 'any',
      client_secret_expires_at: 'any',
    }
    const decay = (declaration: string): string =>
      Object.entries(worse).reduce(
        (text, [member, type]) => text.replaceAll(new RegExp(`^( +${member}\\??:) [^;]+;`, 'gm'), `$1 ${type};`),
        declaration,
      )
    const { errors } = compile(programOf(standard, drafts), { decay })
    const noticed = errors.flatMap((error) => /\$(\w+?)_\d+:/.exec(error)?.[1] ?? [])
    expect(new Set(noticed)).toEqual(new Set(Object.keys(worse)))
  })

  test.each(standard)(
    '$name has a docstring with its section, and its default where a request may have it',
    (member) => {
      const docstring = docstrings.get(member.name) ?? ''
      expect(docstring).toMatch(/\((?:[^()]*\bsections? \d|ETSI|OpenID Attachments)[^()]*\)\.?$/)
      if (member.direction === 'both' && member.name !== 'software_statement') expect(docstring).toMatch(/Default/)
    },
  )
})

describe('as Standard Schema', () => {
  const right = { string: 'web', strings: ['text'], boolean: true, number: 1, object: {}, objects: [{}] }
  const wrong = { string: 1, strings: 'text', boolean: 'true', number: '1', object: [], objects: {} }
  const valueOf = ({ name, kind, closed }: (typeof standard)[number]): unknown =>
    name === 'jwks' ? { keys: [] } : (closed?.[0] ?? right[kind])

  const schemas = [
    ['a request', registrationRequestSchema, {}, requested],
    ['an update', updateRequestSchema, { client_id: 'c1' }, requested],
    ['an answer', registrationResponseSchema, { client_id: 'c1' }, answered],
  ] as const

  test.each(schemas)('%s may have each of its members, of the right type and no other', (_, schema, base, members) => {
    expect(members.length).toBeGreaterThan(75)
    for (const member of members) {
      const fits = { ...base, [member.name]: valueOf(member) }
      expect(schema['~standard'].validate(fits), member.name).toEqual({ value: fits })
      const misfits = schema['~standard'].validate({ ...base, [member.name]: wrong[member.kind] })
      expect(misfits.issues, member.name).toMatchObject([
        { path: [member.name], message: expect.stringMatching(/\.$/) },
      ])
    }
  })

  test.each(schemas)('%s may have the members for people in any language', (_, schema, base, members) => {
    for (const { name, localizable, kind } of members) {
      const validate = (value: unknown): unknown => schema['~standard'].validate({ ...base, [`${name}#fr`]: value })
      if (localizable === true) {
        expect(validate(right[kind])).not.toHaveProperty('issues')
        expect(validate(wrong[kind])).toMatchObject({ issues: [{ path: [`${name}#fr`] }] })
      }
    }
  })

  test('a request is closed, an answer keeps what it does not know', () => {
    const closed = registrationRequestSchema['~standard'].validate({ redirect_uri: 'https://app.example' })
    expect(closed.issues).toMatchObject([{ path: ['redirect_uri'] }])
    const answer = { client_id: 'c1', vendor: { nested: [1] }, application_type: 'browser' }
    expect(registrationResponseSchema['~standard'].validate(answer)).toEqual({ value: answer })
  })

  test('values that are closed in a request are open in an answer', () => {
    for (const { name, closed } of requested) {
      if (closed === undefined) continue
      const answer = { client_id: 'c1', [name]: 'other' }
      expect(registrationRequestSchema['~standard'].validate({ [name]: 'other' }).issues).toHaveLength(1)
      expect(registrationResponseSchema['~standard'].validate(answer)).toEqual({ value: answer })
    }
  })

  test.each([null, undefined, 'text', 1, [], [{}]])('%j is none of them', (value) => {
    for (const [, schema] of schemas)
      expect(schema['~standard'].validate(value).issues).toContainEqual({ message: 'It must be an object.', path: [] })
  })
})

describe('as JSON Schema', () => {
  const types = {
    string: 'string',
    strings: 'array',
    boolean: 'boolean',
    number: 'integer',
    object: 'object',
    objects: '',
  }

  test.each([
    ['a request', requestFile, requested, false],
    ['an update', updateFile, requested, false],
    ['an answer', responseFile, answered, true],
  ])('%s has each of its members, with its meaning', (_, file, members, open) => {
    const properties: Readonly<Record<string, object>> = file.properties
    for (const { name, kind } of members)
      expect(properties[name], name).toMatchObject({
        type: types[kind],
        description: expect.stringMatching(/section|ETSI|Attach/),
      })
    expect(file.additionalProperties).toBe(open)
    const localized = Object.keys(file.patternProperties).map((pattern) => new RegExp(pattern))
    for (const { name, localizable = false } of members)
      expect(
        localized.some((pattern) => pattern.test(`${name}#fr`)),
        name,
      ).toBe(localizable)
  })

  test.each([
    ['a request', requestFile, requested],
    ['an update', updateFile, requested],
    ['an answer', responseFile, answered],
  ])(
    '%s says what a member means for a client, and not what a server says of itself by that name',
    (_, file, members) => {
      const properties: Readonly<Record<string, { description?: string }>> = file.properties
      const namesakes = members.filter(({ name }) => serverDocstrings.has(name))
      expect(namesakes.length).toBeGreaterThan(3)
      for (const { name } of namesakes) expect(properties[name]?.description, name).not.toBe(serverDocstrings.get(name))
    },
  )

  test('the values that are known of an open set are examples, and any other may stand there', () => {
    const properties: Readonly<Record<string, Valued & { items?: Valued }>> = requestFile.properties
    for (const { name, known = [], closed } of requested) {
      const { enum: only, examples = only, items } = properties[name] ?? { type: '' }
      if (known.length > 0) expect(items?.examples ?? examples, name).toEqual(expect.arrayContaining(known))
      expect(only?.toSorted(), name).toEqual(closed?.toSorted())
    }
  })

  test('what must be there must be there', () => {
    expect([requestFile, updateFile, responseFile].map((file) => ('required' in file ? file.required : []))).toEqual([
      [],
      ['client_id'],
      ['client_id'],
    ])
  })
})

/** Member to what its declaration says of it. */
const docstrings = new Map(
  ['registration', 'client-metadata', 'metadata-extensions'].flatMap((file) => [...memberDocstrings(`model/${file}`)]),
)

/** The same for what a server says of itself, where some members have the same name. */
const serverDocstrings = memberDocstrings('model/authorization-server')

/** What a JSON Schema says of the values of a member. */
interface Valued {
  type: string
  enum?: string[]
  examples?: string[]
}
