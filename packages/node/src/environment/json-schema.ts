import * as z from 'zod/mini'

import { fileMembers } from './members.ts'

/** The JSON Schema (2020-12) of a configuration file; made when the package is built, with what `metadata` may hold. */
export function configSchema(metadata: object): object {
  const properties = Object.entries(fileMembers).map(([member, schema]) => {
    const { $schema: _, ...property } = z.toJSONSchema(schema, { io: 'input' })
    return [member, property]
  })
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Config',
    type: 'object',
    properties: { ...Object.fromEntries(properties), metadata: { anyOf: [{ type: 'string' }, metadata] } },
    additionalProperties: false,
  }
}
