import { readRegistration, readServer } from '@registrant/node/exchange'
import { describe, expect, test } from 'vitest'

import { answerOf, as, requestOf } from '../support/reading.ts'

const registration = { request: requestOf('POST'), server: as }
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

describe('limits are bytes and depth, and nothing else', () => {
  test('an answer with 100 keys in its jwks is read', () => {
    const keys = Array.from({ length: 100 }, (_, n) => ({
      kty: 'EC',
      crv: 'P-256',
      kid: `k${n}`,
      use: 'sig',
      x: 'x',
      y: 'y',
    }))
    const { value } = readRegistration(answerOf({ client_id: 'c', jwks: { keys } }), registration)
    expect(value.jwks?.keys).toHaveLength(100)
  })

  test('metadata of 2,000 members are read', () => {
    const more = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`member_${n}`, n]))
    const read = readServer(answerOf({ ...as, ...more }, { status: 200 }), {
      request: requestOf('GET'),
      issuer: as.issuer,
    })
    expect(read?.value).toMatchObject({ issuer: as.issuer, member_1999: 1999 })
  })

  test('32 levels are read, and one more is named as the limit that was hit', () => {
    const answer = (levels: number): ReturnType<typeof answerOf> =>
      answerOf(`{"client_id":"c","text":"[[[[\\"[[[[","deep":${nested(levels - 1)}}`)
    expect(readRegistration(answer(32), registration).value.client_id).toBe('c')
    expect(() => readRegistration(answer(33), registration)).toThrow(/is nested deeper than 32 levels/)
  })

  test('brackets in a text, and one that does not end, are no levels', () => {
    const text = `{"client_id":"c","text":"${'['.repeat(100)}\\\\"}`
    expect(readRegistration(answerOf(text), registration).value.client_id).toBe('c')
    expect(() => readRegistration(answerOf(`{"client_id":"c","text":"${'['.repeat(100)}`), registration)).toThrow(
      /is not a JSON object/,
    )
  })
})
