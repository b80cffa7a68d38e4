// The JSON Schema files, made from the same schemas that the code checks with; what a member means is taken from its
// docstring, so that an editor shows the same in a configuration file as in code.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Writes `dist/schema/*.json` of core, and the same for node and browser. Throws when a member has no docstring. */
export async function writeJsonSchemas(core, node, browser) {
  const { jsonSchemas } = await import(pathToFileURL(join(core.folder, 'src/schema/json-schema.ts')))
  const { configSchema } = await import(pathToFileURL(join(node.folder, 'src/environment/json-schema.ts')))
  const schemas = write(core, jsonSchemas(), ['src/model/{client-metadata,metadata-*,registration,values}.ts'])
  for (const other of [node, browser])
    for (const [name, schema] of Object.entries(schemas)) writeSchema(other, name, schema)
  const { $schema: _, $id: _id, ...metadata } = schemas['registration-request']
  write(node, { config: configSchema(metadata) }, ['src/environment/config.ts'])
}

/** Writes schemas, by the names of their files, with what the types say of each member; returns what was written. */
function write({ folder }, schemas, types) {
  const { meaning, usual } = told(folder, types)
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const properties = Object.entries(schema.properties).map(([member, property]) => {
        const description = meaning(schema.title, member)
        if (description === undefined) throw new Error(`${schema.title}.${member} has no docstring`)
        const examples = usual(schema.title, member)
        if (examples === undefined || property.enum !== undefined) return [member, { description, ...property }]
        // Values that the types complete, and any other too.
        const { items } = property
        const shown = items === undefined ? { examples } : { items: { ...items, examples } }
        return [member, { description, ...property, ...shown }]
      })
      const described = { ...schema, properties: Object.fromEntries(properties) }
      writeSchema({ folder }, name, described)
      return [name, described]
    }),
  )
}

function writeSchema({ folder }, name, schema) {
  mkdirSync(join(folder, 'dist/schema'), { recursive: true })
  writeFileSync(join(folder, `dist/schema/${name}.json`), `${JSON.stringify(schema, undefined, 2)}\n`)
}

/** What the types say of a member, and which values they complete: an interface's own word first, then what it extends. */
function told(folder, types) {
  const found = new Map()
  const lists = new Map()
  const texts = globSync(types, { cwd: folder }).map((path) => readFileSync(join(folder, path), 'utf8'))
  for (const text of texts) {
    for (const [, name, values] of text.matchAll(/^export type (\w+) = OpenString<([^>]*)>/gm))
      lists.set(name, quoted(values))
    for (const [, name, body] of text.matchAll(/^export interface (\w+)[^{]*\{([\s\S]*?)^\}/gm))
      for (const [, docstring, member, type] of body.matchAll(
        /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+([\w$]+)\??: ?([^\n]*)/g,
      ))
        found.set(`${name}.${member}`, { docstring: docstring.replaceAll(/\s*\n\s*\* ?/g, ' ').trim(), type })
  }
  const families = [...new Set([...found.keys()].map((key) => key.split('.')[0]))].filter(
    (name) => !/(Request|Response)$/.test(name),
  )
  const own = { UpdateRequest: ['UpdateRequest', 'RegistrationRequest'] }
  const entry = (title, member) =>
    [...(own[title] ?? [title]), ...families]
      .map((name) => found.get(`${name}.${member}`))
      .find((it) => it !== undefined)
  return {
    meaning: (title, member) => entry(title, member)?.docstring,
    usual: (title, member) => {
      const type = entry(title, member)?.type ?? ''
      const [, values] = [...lists].find(([it]) => new RegExp(`\\b${it}\\b`).test(type)) ?? []
      return values ?? (type.includes("OpenString<'") ? quoted(type) : undefined)
    },
  }
}

const quoted = (type) => [...type.matchAll(/'([^']*)'/g)].map(([, value]) => value)
