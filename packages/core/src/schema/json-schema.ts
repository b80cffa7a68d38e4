import * as z from 'zod/mini'

import { localizable } from '../model/members.ts'
import { answerMembers, requestMembers, updateMembers } from './members.ts'
import type { Members } from './members.ts'

const drafts = { '': 'draft-2020-12', '.draft-07': 'draft-7' } as const

/**
 * The JSON Schemas of requests and answers, by the name of their file, each in draft 2020-12 and in draft 07; made when the
 * package is built. A schema of a request allows no other members; its `-members` variant has the same members and allows others,
 * for a schema that adds those of a profile.
 */
export const jsonSchemas = (): Record<string, object> =>
  Object.fromEntries(
    Object.entries(drafts).flatMap(([suffix, target]) =>
      [
        schemaOf('registration-request', 'RegistrationRequest', requestMembers, { target, isOpen: false }),
        schemaOf('registration-request-members', 'RegistrationRequest', requestMembers, { target, isOpen: true }),
        schemaOf('update-request', 'UpdateRequest', updateMembers, { target, isOpen: false }),
        schemaOf('update-request-members', 'UpdateRequest', updateMembers, { target, isOpen: true }),
        schemaOf('registration-response', 'RegistrationResponse', answerMembers, { target, isOpen: true }),
      ].map(({ name, schema }) => {
        const file = `${name}${suffix}`
        const { $schema, ...rest } = schema
        return [file, { $schema, $id: `https://github.com/registrant/registrant/schema/${file}.json`, ...rest }]
      }),
    ),
  )

function schemaOf(
  name: string,
  title: string,
  members: Members,
  { target, isOpen }: { target: 'draft-2020-12' | 'draft-7'; isOpen: boolean },
) {
  const { $schema, properties, ...schema } = z.toJSONSchema(members, { io: 'input', unrepresentable: 'any', target })
  const isAnswer = title === 'RegistrationResponse'
  const lists = localizable.filter((member) => member === 'keywords')
  const addresses = localizable.filter((member) => namesAddress(member))
  const texts = localizable.filter((member) => member !== 'keywords' && !addresses.includes(member))
  const patternProperties = {
    [`^(?:${texts.join('|')})#.`]: { type: 'string' },
    [`^(?:${addresses.join('|')})#.`]: isAnswer ? { type: 'string' } : { type: 'string', format: 'uri' },
    [`^(?:${lists.join('|')})#.`]: { type: 'array', items: { type: 'string' } },
  }
  const formatted = Object.entries(properties ?? {}).map(([member, property]) => [
    member,
    isAnswer || typeof property === 'boolean' ? property : withFormat(member, property),
  ])
  return {
    name,
    schema: {
      $schema,
      title,
      ...schema,
      properties: Object.fromEntries(formatted),
      patternProperties,
      // With `additionalProperties: true`, a schema that includes this one could not refuse any.
      ...(isOpen && !isAnswer ? {} : { additionalProperties: isOpen }),
    },
  }
}

const namesAddress = (member: string): boolean => /_(?:uri|endpoint)$/.test(member)

/** Adds the format `uri` to addresses in a request; answers get none, since they are read as they come. */
function withFormat(member: string, property: object): object {
  if (namesAddress(member)) return { ...property, format: 'uri' }
  return member.endsWith('_uris') && 'items' in property
    ? { ...property, items: { ...Object(property.items), format: 'uri' } }
    : property
}
