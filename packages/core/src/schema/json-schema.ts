import * as z from 'zod/mini'

import { localizable } from '../model/members.ts'
import { answerMembers, requestMembers, updateMembers } from './members.ts'
import type { Members } from './members.ts'

/** The JSON Schemas (2020-12) of what travels, by the name of their file; made when the package is built. */
export const jsonSchemas = (): Record<string, object> => ({
  'registration-request': schemaOf('RegistrationRequest', requestMembers, false),
  'update-request': schemaOf('UpdateRequest', updateMembers, false),
  'registration-response': schemaOf('RegistrationResponse', answerMembers, true),
})

function schemaOf(title: string, members: Members, additionalProperties: boolean): object {
  const { $schema, ...schema } = z.toJSONSchema(members, { io: 'input', unrepresentable: 'any' })
  const lists = localizable.filter((member) => member === 'keywords')
  const texts = localizable.filter((member) => member !== 'keywords')
  const patternProperties = {
    [`^(?:${texts.join('|')})#.`]: { type: 'string' },
    [`^(?:${lists.join('|')})#.`]: { type: 'array', items: { type: 'string' } },
  }
  return { $schema, title, ...schema, patternProperties, additionalProperties }
}
