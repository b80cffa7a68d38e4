import { isObject } from './json.ts'

/** What of a JSON Schema (2020-12) ours have. */
export interface JsonSchema {
  description?: string
  type?: string
  properties?: Readonly<Record<string, JsonSchema>>
  patternProperties?: Readonly<Record<string, JsonSchema>>
  items?: JsonSchema
  enum?: readonly string[]
  examples?: readonly string[]
}

/** The way from the whole to a value: names of members, and numbers of items. */
export type Path = readonly (string | number)[]

/** The schema of the value at a path; `undefined` where none is known. */
export function schemaAt(schema: JsonSchema, path: Path): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema
  for (const step of path) at = at === undefined ? undefined : within(at, step)
  return at
}

function within(
  { items, properties = {}, patternProperties = {} }: JsonSchema,
  step: string | number,
): JsonSchema | undefined {
  if (typeof step === 'number') return items
  if (Object.hasOwn(properties, step)) return properties[step]
  const untagged = properties[step.split('#', 1)[0] ?? '']
  const [, found] = Object.entries(patternProperties).find(([pattern]) => new RegExp(pattern).test(step)) ?? []
  return found && { ...found, ...(untagged?.description === undefined ? {} : { description: untagged.description }) }
}

/** Something that may be written at a place. */
export interface Suggestion {
  label: string
  /** What is inserted, with `#{}` where the cursor comes to stand. */
  insert: string
  /** One word for its kind. */
  detail?: string | undefined
  /** What it means. */
  info?: string | undefined
}

/** The members that the object at a path may have besides. */
export function membersAt(schema: JsonSchema, path: Path, present: readonly string[]): Suggestion[] {
  const { properties = {} } = schemaAt(schema, path) ?? {}
  return Object.entries(properties)
    .filter(([name]) => !present.includes(name))
    .map(([name, { type, description, items }]) => ({
      label: name,
      insert: `${JSON.stringify(name)}: ${blank[items?.type === 'string' ? 'strings' : (type ?? '')] ?? '#{}'}`,
      detail: items === undefined ? type : `${items.type}[]`,
      info: description,
    }))
}

const blank: Readonly<Record<string, string>> = {
  string: '"#{}"',
  strings: '["#{}"]',
  array: '[#{}]',
  object: '{ #{} }',
  boolean: '#{true}',
}

/** The values that are known for a path. */
export function valuesAt(schema: JsonSchema, path: Path): Suggestion[] {
  const { enum: only, examples = only ?? [], type, items } = schemaAt(schema, path) ?? {}
  if (type === 'boolean') return ['true', 'false'].map((label) => ({ label, insert: label }))
  const known = items?.enum ?? items?.examples
  if (known !== undefined) return known.map((label) => ({ label, insert: `[${JSON.stringify(label)}]` }))
  return examples.map((label) => ({ label, insert: JSON.stringify(label) }))
}

/** Whether a module that was loaded is a schema. */
export const isSchema = (value: unknown): value is JsonSchema => isObject(value) && isObject(value['properties'])
