// The JSON Schema files, made from the same schemas that the code checks with; what a member means is taken from its
// docstring, so that an editor shows the same in a configuration file as in code.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Writes `dist/schema/*.json` of core and of node. Throws when a member has no docstring. */
export async function writeJsonSchemas(core, node) {
  const { jsonSchemas } = await import(pathToFileURL(join(core.folder, 'src/schema/json-schema.ts')))
  const { configSchema } = await import(pathToFileURL(join(node.folder, 'src/environment/json-schema.ts')))
  const schemas = write(core, jsonSchemas(), ['src/model/*.ts'])
  const { $schema: _, ...metadata } = schemas['registration-request']
  write(node, { config: configSchema(metadata) }, ['src/environment/config.ts'])
}

/** Writes schemas, by the names of their files, with what the types say of each member; returns what was written. */
function write({ folder }, schemas, types) {
  const meaning = docstrings(folder, types)
  mkdirSync(join(folder, 'dist/schema'), { recursive: true })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const properties = Object.entries(schema.properties).map(([member, property]) => {
        const description = meaning(schema.title, member)
        if (description === undefined) throw new Error(`${schema.title}.${member} has no docstring`)
        return [member, { description, ...property }]
      })
      const described = { ...schema, properties: Object.fromEntries(properties) }
      writeFileSync(join(folder, `dist/schema/${name}.json`), `${JSON.stringify(described, undefined, 2)}\n`)
      return [name, described]
    }),
  )
}

/** What the types say of a member: an interface's own word first, then what it extends. */
function docstrings(folder, types) {
  const found = new Map()
  for (const path of globSync(types, { cwd: folder }))
    for (const [, name, body] of readFileSync(join(folder, path), 'utf8').matchAll(
      /^export interface (\w+)[^{]*\{([\s\S]*?)^\}/gm,
    ))
      for (const [, text, member] of body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+([\w$]+)\??:/g))
        found.set(`${name}.${member}`, text.replaceAll(/\s*\n\s*\* ?/g, ' ').trim())
  const families = [...new Set([...found.keys()].map((key) => key.split('.')[0]))].filter(
    (name) => !/(Request|Response)$/.test(name) || name.startsWith('Authorization'),
  )
  const own = { UpdateRequest: ['UpdateRequest', 'RegistrationRequest'] }
  return (title, member) =>
    [...(own[title] ?? [title]), ...families]
      .map((name) => found.get(`${name}.${member}`))
      .find((text) => text !== undefined)
}
