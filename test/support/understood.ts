import type { RegistrationContext } from '@registrant/node/exchange'
import { expect, test } from 'vitest'

import { reading, requestOf } from './reading.ts'

export const secret = 'a-secret-of-the-server'

/** What is known of a client before it is read or updated. */
export const known = {
  client_id: 'c1',
  client_secret: secret,
  client_secret_expires_at: 0,
  registration_access_token: 'management-token',
  registration_client_uri: 'https://as.example/register/c1',
}

/** What a server does, its answer, what is made of that, and the rules that are reported; an `undefined` member is absent. */
export type Row = [
  does: string,
  answer: object | string,
  made: Record<string, unknown>,
  rules: string[],
  context?: Partial<RegistrationContext> & { status?: number },
]

/** An answer with a `client_id`. */
export const client = (members: object): object => ({ client_id: 'c1', ...members })
export const put = { request: requestOf('PUT'), current: known }
export const get = { request: requestOf('GET'), current: known }

/** One test for each row. */
export function understood(rows: Row[]): void {
  test.for(rows)('%s', ([, answer, made, rules, context]) => {
    const { value, deviations, raw } = reading(answer, context)
    for (const [member, expected] of Object.entries(made)) {
      expect(value[member], member).toEqual(expected)
      if (expected === undefined) expect(value, member).not.toHaveProperty([member])
    }
    expect(deviations.map(({ rule }) => rule)).toEqual(rules)
    for (const { message } of deviations) expect(message).toMatch(/^\S.*[.]$/)
    // The raw answer stays as the server sent it, except for members that reach for a prototype.
    if (!rules.includes('unsafe-member'))
      expect(raw).toEqual(
        JSON.parse(typeof answer === 'string' ? answer.replace('\uFEFF', '') : JSON.stringify(answer)),
      )
    // A deviation may be printed, so it holds no value of the answer.
    expect(JSON.stringify(deviations)).not.toContain(secret)
  })
}
