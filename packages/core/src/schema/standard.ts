import * as z from 'zod/mini'

import { localizable } from '../model/members.ts'
import type { Members } from './members.ts'
import type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'

/** A schema of ours as Standard Schema, `also` with these members, of any type. The value stays as it is, so that nothing a server said is lost. */
export function standard<Value>(
  members: Members,
  others: 'open' | 'closed',
  also: readonly string[] = [],
): StandardSchema<Value> {
  const issuesOf = (value: unknown): StandardIssue[] => [
    ...issues(members, value),
    ...further(value).flatMap(([member, item]) => {
      const known = inLanguage(members, member)
      if (known !== undefined) return issues(known, item, member)
      return others === 'open' || also.includes(member) ? [] : [{ message: 'There is no such member.', path: [member] }]
    }),
  ]
  const further = (value: unknown): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).filter(([member, item]) => item !== undefined && !Object.hasOwn(members.shape, member))
      : []
  // Without issues it is what the type says: the compiler has compared `members` with it.
  const conforms = (_: unknown, found: StandardIssue[]): _ is Value => found.length === 0
  const validate = (value: unknown): StandardResult<Value> => {
    const found = issuesOf(value)
    return conforms(value, found) ? { value } : { issues: found }
  }
  return { '~standard': { version: 1, vendor: 'registrant', validate } }
}

/** A member in some language has the type of the member itself. */
function inLanguage(members: Members, member: string): z.core.$ZodType | undefined {
  const [name = '', tag = ''] = member.split('#')
  return tag !== '' && localizable.includes(name) ? members.shape[name] : undefined
}

function issues(schema: z.core.$ZodType, value: unknown, ...at: string[]): StandardIssue[] {
  const { error } = z.safeParse(schema, value)
  return error?.issues.map(({ message, path }) => ({ message, path: [...at, ...path] })) ?? []
}
